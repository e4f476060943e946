using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI;

/// <summary>Keys of <see cref="ChatOptions.AdditionalProperties"/> that a <see cref="SchedulingChatClient"/> reads, and does not pass on. A value of another type is an <see cref="ArgumentException"/>.</summary>
public static class SchedulingProperties
{
    /// <summary>Who pays; a <see cref="string"/>.</summary>
    public const string Tenant = "llm_scheduling.tenant";

    /// <summary>The kind of traffic; a <see cref="string"/>.</summary>
    public const string TrafficClass = "llm_scheduling.traffic_class";

    /// <summary>Urgency; an <see cref="int"/>, a lower value is more urgent.</summary>
    public const string Priority = "llm_scheduling.priority";

    /// <summary>What the chat asks to be promised; a <see cref="ServiceLevelObjective"/>.</summary>
    public const string Objective = "llm_scheduling.objective";

    /// <summary>Longest wait for a seat; a <see cref="TimeSpan"/>.</summary>
    public const string QueueTimeout = "llm_scheduling.queue_timeout";

    private static readonly string[] All = [Tenant, TrafficClass, Priority, Objective, QueueTimeout];

    /// <summary>Options for the inner client: some send every property to their server. The caller's own are never changed.</summary>
    internal static ChatOptions? Without(ChatOptions? options)
    {
        if (options?.AdditionalProperties is not { } properties || !All.Any(properties.ContainsKey))
            return options;
        ChatOptions copy = options.Clone();
        foreach (string key in All)
            copy.AdditionalProperties!.Remove(key);
        return copy;
    }
}
