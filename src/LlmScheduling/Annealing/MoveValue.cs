namespace LlmScheduling;

/// <summary>What a move leads to.</summary>
/// <param name="Met">Requests that are met then.</param>
/// <param name="Total">The sum of all latencies then, in ticks.</param>
/// <param name="FirstShift">How much later the first run of unchanged batches starts.</param>
/// <param name="SecondShift">How much later the second run starts.</param>
internal readonly record struct MoveValue(int Met, long Total, int FirstShift, int SecondShift);
