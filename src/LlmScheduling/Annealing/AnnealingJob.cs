namespace LlmScheduling;

/// <summary>A request to place on the published timeline: its lengths, and the times it must keep.</summary>
/// <param name="InputTokens">Prompt length, at least 1.</param>
/// <param name="OutputTokens">Output length, known or predicted, at least 1.</param>
/// <remarks>All limits are inclusive, in milliseconds from the start of the first batch, and infinite where nothing is promised; the request is met when it keeps every one.</remarks>
public readonly record struct AnnealingJob(int InputTokens, int OutputTokens)
{
    /// <summary>The latest end. Above 0. Default: infinite.</summary>
    public double EndToEndMilliseconds { get; init; } = double.PositiveInfinity;

    /// <summary>The latest end of its prefill. Above 0. Default: infinite.</summary>
    public double FirstTokenMilliseconds { get; init; } = double.PositiveInfinity;

    /// <summary>The longest mean time of a decode step. Above 0. Default: infinite.</summary>
    public double TokenMilliseconds { get; init; } = double.PositiveInfinity;

    /// <summary>The time that deadline orders go by: the end-to-end limit, else the first token's.</summary>
    internal double DeadlineMilliseconds => double.IsFinite(EndToEndMilliseconds) ? EndToEndMilliseconds : FirstTokenMilliseconds;
}
