namespace LlmScheduling;

/// <summary>One request for inference, as the server describes it. Immutable; may be enqueued once.</summary>
public sealed class InferenceRequest
{
    /// <summary>Tokens of the prompt; 1 or more.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Most tokens that may be generated; 0 or more, where 0 means prefill only.</summary>
    public required int MaxOutputTokens { get; init; }

    /// <summary>The prompt's text. Only rankers and learners read it; a request without it is never ranked.</summary>
    public ReadOnlyMemory<char> Prompt { get; init; }

    /// <summary>Leading prompt tokens whose KV the engine probably has; a hint that <see cref="BatchScheduler.ReportCachedPrefix"/> and progress correct. 0 or more.</summary>
    public int CachedPrefixTokens { get; init; }

    /// <summary>Who pays. Fairness is between tenants.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>The kind of traffic ("chat", "code"); groups length statistics, objectives and attainment.</summary>
    public string TrafficClass { get; init; } = "";

    /// <summary>What the request asks to be promised; null is best effort.</summary>
    public ServiceLevelObjective? Objective { get; init; }

    /// <summary>Urgency; a lower value is more urgent.</summary>
    public int Priority { get; init; }

    /// <summary>Longest wait from arrival to first admission; zero or less expires at once, null is no limit.</summary>
    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>The host's own object; handed back in plans and outcomes, never read by the library.</summary>
    public object? State { get; init; }

    /// <summary>The same request with another claim on the server.</summary>
    internal InferenceRequest Asking(int priority, ServiceLevelObjective? objective, TimeSpan? queueTimeout) => new()
    {
        PromptTokens = PromptTokens,
        MaxOutputTokens = MaxOutputTokens,
        Prompt = Prompt,
        CachedPrefixTokens = CachedPrefixTokens,
        Tenant = Tenant,
        TrafficClass = TrafficClass,
        Objective = objective,
        Priority = priority,
        QueueTimeout = queueTimeout,
        State = State,
    };
}
