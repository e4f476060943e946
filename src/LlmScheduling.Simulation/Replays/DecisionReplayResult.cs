namespace LlmScheduling.Simulation;

/// <summary>Whether a recorded run came out again.</summary>
/// <param name="Plans">Plans, empty ones included, that were made again before the end or the first difference.</param>
/// <param name="Outcomes">Outcomes that came out again.</param>
/// <param name="IsComplete">Whether the log has its end line; false for one of a server that still runs or crashed.</param>
/// <param name="FirstDifference">Where and how the replay first differed from the log, with line and step; null when all came out again.</param>
public sealed record DecisionReplayResult(long Plans, long Outcomes, bool IsComplete, string? FirstDifference);
