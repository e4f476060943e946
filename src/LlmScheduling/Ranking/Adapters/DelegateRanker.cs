namespace LlmScheduling;

/// <summary>Scores requests by a function of yours. An answer that is not finite leaves its request unranked.</summary>
/// <remarks>Called by one thread at a time, as any <see cref="IRequestRanker"/>; what the function throws goes to whoever asked.</remarks>
public sealed class DelegateRanker : IRequestRanker
{
    private readonly Func<ReadOnlyMemory<RankingInput>, Memory<float>, CancellationToken, ValueTask> _rank;

    /// <summary>Scores one request after another; a higher score means a longer expected answer.</summary>
    public DelegateRanker(Func<RankingInput, float> score)
    {
        ArgumentNullException.ThrowIfNull(score);
        _rank = (requests, scores, cancellationToken) =>
        {
            for (int i = 0; i < requests.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                scores.Span[i] = score(requests.Span[i]);
            }

            return ValueTask.CompletedTask;
        };
    }

    /// <summary>Scores many requests at once: the score of requests[i] goes to scores[i], which are NaN before.</summary>
    public DelegateRanker(Func<ReadOnlyMemory<RankingInput>, Memory<float>, CancellationToken, ValueTask> rank)
    {
        ArgumentNullException.ThrowIfNull(rank);
        _rank = rank;
    }

    /// <inheritdoc/>
    public async ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
    {
        scores.Span.Fill(float.NaN);
        await _rank(requests, scores, cancellationToken).ConfigureAwait(false);
        foreach (ref float score in scores.Span)
            score = float.IsFinite(score) ? score : float.NaN;
    }
}
