namespace LlmScheduling;

/// <summary>One batch in whole ticks.</summary>
/// <param name="Met">Its jobs that are met.</param>
/// <param name="Duration">Its longest run.</param>
/// <param name="Latency">The sum of its jobs' end-to-end latencies.</param>
internal readonly record struct BatchTotals(int Met, int Duration, long Latency);
