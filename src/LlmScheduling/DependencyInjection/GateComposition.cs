using LlmScheduling;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What an <see cref="AdmissionGateBuilder"/> has chosen; kept as named options, so that every registration of one name adds to the same.</summary>
internal sealed class GateComposition
{
    public Func<IServiceProvider, ISchedulingPolicy> Policy { get; set; } = static _ => new FirstComeFirstServed();

    /// <summary>What metrics call the policy; null: its type's name.</summary>
    public string? PolicyName { get; set; }

    public Func<IServiceProvider, IInstanceAssignment>? Assignment { get; set; }

    public Collaborators Collaborators { get; } = new();
}
