namespace LlmScheduling;

/// <summary>One way to serve a subset of the jobs first.</summary>
/// <param name="End">When the last of its batches ends.</param>
/// <param name="Total">The sum of its jobs' latencies.</param>
/// <param name="Met">Its jobs that are met.</param>
/// <param name="LastBatch">The jobs of its last batch.</param>
/// <param name="Previous">The way before that batch; -1 at the beginning.</param>
/// <param name="NextOfSubset">Another way to serve the same jobs; -1 at the end of the list.</param>
internal readonly record struct ExactLabel(long End, long Total, int Met, int LastBatch, int Previous, int NextOfSubset);
