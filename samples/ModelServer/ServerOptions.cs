using LlmScheduling;

/// <summary>How the server serves.</summary>
internal sealed record ServerOptions
{
    /// <summary>Where it listens; port 0 takes a free one.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8000";

    /// <summary>What may be switched while it serves, the first one in force.</summary>
    public IReadOnlyList<SchedulingStack> Stacks { get; init; } = [SchedulingStacks.Slo, SchedulingStacks.Fcfs, SchedulingStacks.AgedShortestWork, SchedulingStacks.FairFcfs];

    /// <summary>What each class of traffic is promised; clients name theirs in the header X-Traffic-Class.</summary>
    public IReadOnlyDictionary<string, ServiceLevelObjective> Promises { get; init; } = new Dictionary<string, ServiceLevelObjective>();

    /// <summary>Most requests that wait; null: what the engine says.</summary>
    public int? MaxQueued { get; init; }

    /// <summary>The most that clients may ask for, and the longest that they wait for a seat, by the engine's clock.</summary>
    public ClientLimits Limits { get; init; } = new() { LongestQueueTimeout = TimeSpan.FromMinutes(5) };

    /// <summary>Most tokens of an answer whose client does not say.</summary>
    public int UsualMaxTokens { get; init; } = 1_024;

    /// <summary>Most bytes of a body.</summary>
    public long MaxBodyBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long a stopping server goes on serving those it has.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Shows who may see the page; null: only this machine may.</summary>
    public string? PageToken { get; init; }

    /// <summary>Scores prompts; null: nobody does.</summary>
    public PromptFeatureRanker? Ranker { get; init; }

    /// <summary>Where metrics and spans are sent by OTLP; null: nowhere.</summary>
    public Uri? Otlp { get; init; }
}
