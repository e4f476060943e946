using LlmScheduling;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What a <see cref="BatchSchedulerBuilder"/> has chosen; kept as named options, so that every registration of one name adds to the same.</summary>
internal sealed class SchedulerComposition
{
    public Func<IServiceProvider, SchedulingStack> Stack { get; set; } = static _ => new SchedulingStack("fcfs", new FirstComeFirstServed());

    public Collaborators Collaborators { get; } = new();
}
