namespace LlmScheduling;

/// <summary>What a request asks to be promised, as times from its arrival. Any may be absent; zero or less means already late.</summary>
public sealed record ServiceLevelObjective
{
    /// <summary>Time to first token (TTFT).</summary>
    public TimeSpan? TimeToFirstToken { get; init; }

    /// <summary>Mean time per output token after the first (TPOT).</summary>
    public TimeSpan? TimePerOutputToken { get; init; }

    /// <summary>Time to the last token.</summary>
    public TimeSpan? EndToEnd { get; init; }
}
