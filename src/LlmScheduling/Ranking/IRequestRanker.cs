namespace LlmScheduling;

/// <summary>Scores requests by how long their answers will be: a higher score means a longer expected answer, as in PARS (arXiv 2510.03243).</summary>
/// <remarks>
/// Called by one thread at a time, beside the engine's loop, which never waits for it. Scores are ordinal and comparable only
/// between answers of the same instance; a request's score must not depend on what it is batched with. A ranker that is slow,
/// absent or throwing costs order, never latency.
/// </remarks>
public interface IRequestRanker
{
    /// <summary>Writes the score of <paramref name="requests"/>[i] to <paramref name="scores"/>[i]; NaN leaves a request unranked.</summary>
    ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken);
}
