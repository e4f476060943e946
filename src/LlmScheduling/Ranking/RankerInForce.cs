namespace LlmScheduling;

/// <summary>
/// Stands for whichever ranker is in force, so that it can be exchanged while a scheduler or a gate serves: a file that was trained
/// again, or what an <see cref="OnlineRankerTrainer"/> has learnt by now.
/// </summary>
/// <remarks>
/// A scheduler or gate that is given this one has its new ranker score everybody who is there; meanwhile the old scores serve, also for
/// who arrives, and then all change in one step, since scores of two rankers mean nothing to each other. Whom the new ranker
/// leaves unranked is unranked from then on. One instance may serve several schedulers. Any thread.
/// </remarks>
public sealed class RankerInForce : IRequestRanker, ILengthPredictor
{
    private volatile IRequestRanker _current;

    /// <summary>Begins with <paramref name="ranker"/>; null: with <see cref="Unranked"/>.</summary>
    public RankerInForce(IRequestRanker? ranker = null) => _current = ranker ?? Unranked;

    /// <summary>Ranks nobody: where scores are compared it is first come, first served.</summary>
    public static IRequestRanker Unranked { get; } = new DelegateRanker(static _ => float.NaN);

    internal event Action? Changed;

    /// <summary>The ranker in force; must not be this one. When it is an <see cref="ILengthPredictor"/> too, it predicts lengths.</summary>
    public IRequestRanker Current
    {
        get => _current;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (ReferenceEquals(value, this))
                throw new ArgumentException("A ranker in force cannot stand for itself.", nameof(value));
            if (ReferenceEquals(_current, value))
                return;
            _current = value;
            Changed?.Invoke();
        }
    }

    /// <inheritdoc/>
    public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken) =>
        _current.RankAsync(requests, scores, cancellationToken);

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<RankingInput> requests, ReadOnlySpan<float> scores, Span<LengthEstimate> estimates)
    {
        if (_current is ILengthPredictor predictor)
            predictor.Predict(requests, scores, estimates);
        else
            estimates[..requests.Length].Clear();
    }
}
