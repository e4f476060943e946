namespace LlmScheduling;

/// <summary>What happened in one step.</summary>
public readonly ref struct StepResult
{
    /// <summary>The plan's step.</summary>
    public required long Step { get; init; }

    /// <summary>How long the engine took; zero or more.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>What the step added; a planned request that is absent made no progress. At most one entry per request.</summary>
    public required ReadOnlySpan<RequestProgress> Progress { get; init; }
}
