using LlmScheduling;
using LlmScheduling.Extensions.AI;

namespace Microsoft.Extensions.AI;

/// <summary>Puts chat clients behind gates, and says per chat what it asks for.</summary>
public static class SchedulingChatExtensions
{
    /// <summary>Puts <paramref name="client"/> behind <paramref name="gate"/>; in a <c>ChatClientBuilder</c>: <c>.Use(client => client.UseScheduling(gate))</c>.</summary>
    /// <param name="client">The client to call; disposed with the one that is returned.</param>
    /// <param name="gate">The gate; it stays its owner's.</param>
    /// <param name="configure">Sets options. Null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static SchedulingChatClient UseScheduling(this IChatClient client, AdmissionGate gate, Action<SchedulingChatOptions>? configure = null)
    {
        var options = new SchedulingChatOptions();
        configure?.Invoke(options);
        return new SchedulingChatClient(client, gate, options);
    }

    /// <summary>Says who pays.</summary>
    public static ChatOptions WithTenant(this ChatOptions options, string tenant) => options.With(SchedulingProperties.Tenant, tenant);

    /// <summary>Says how urgent the chat is; a lower value is more urgent.</summary>
    public static ChatOptions WithPriority(this ChatOptions options, int priority) => options.With(SchedulingProperties.Priority, priority);

    /// <summary>Says what the chat asks to be promised.</summary>
    public static ChatOptions WithObjective(this ChatOptions options, ServiceLevelObjective objective) => options.With(SchedulingProperties.Objective, objective);

    private static ChatOptions With(this ChatOptions options, string key, object value)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(value);
        (options.AdditionalProperties ??= [])[key] = value;
        return options;
    }
}
