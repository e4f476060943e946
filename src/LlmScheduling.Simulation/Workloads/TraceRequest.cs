namespace LlmScheduling.Simulation;

/// <summary>One request of a workload: what arrives, when, and the true length of its answer, which no policy sees.</summary>
public sealed record TraceRequest
{
    /// <summary>Name in results; unique in its workload.</summary>
    public required string Id { get; init; }

    /// <summary>When it arrives; zero or more.</summary>
    public required TimeSpan ArrivedAt { get; init; }

    /// <summary>Tokens of the prompt; 1 or more.</summary>
    public required int InputTokens { get; init; }

    /// <summary>Tokens that will be generated; 1 or more.</summary>
    public required int OutputTokens { get; init; }

    /// <summary>The output limit that policies and KV reservation see; null: the replay decides.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Urgency; a lower value is more urgent.</summary>
    public int Priority { get; init; }

    /// <summary>Who pays.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>The kind of traffic; names its objective.</summary>
    public string TrafficClass { get; init; } = "";

    /// <summary>Deadline relative to arrival; zero or less is already past, null is none.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>The prompt's text, for rankers; null when unknown.</summary>
    public string? Prompt { get; init; }
}
