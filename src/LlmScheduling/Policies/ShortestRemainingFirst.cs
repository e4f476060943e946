namespace LlmScheduling;

/// <summary>
/// Orders by the predicted tokens that are still to be generated, the fewest first. A running request may lose its seat to one
/// that needs less than about two thirds of what it still needs, as long as it has generated less than a share of its length.
/// Band: <c>floor(2 x log2(length - generated tokens))</c>, of a running request <c>one less</c>, or that which nobody takes.
/// </summary>
/// <remarks>
/// Shortest remaining processing time with limited preemption: late in its life a request holds many KV blocks, which a
/// preemption would throw away, and is soon done anyway. Share 0 never takes a seat, 1 always does. Bands are half-powers of
/// two, so that requests of similar length do not take each other's seats in turn. A length that is not known is the limit;
/// a request that has outlived its prediction has one token to go.
/// </remarks>
public sealed class ShortestRemainingFirst : ISchedulingPolicy
{
    /// <summary>The share unless another is given.</summary>
    public const double DefaultPreemptibleShare = 0.5;

    private readonly double _preemptibleShare;

    /// <summary>Sets the share.</summary>
    /// <param name="preemptibleShare">Share of its predicted length during which a running request may lose its seat, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="preemptibleShare"/> is out of range.</exception>
    public ShortestRemainingFirst(double preemptibleShare = DefaultPreemptibleShare)
    {
        if (preemptibleShare is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(preemptibleShare), preemptibleShare, "The share must be 0 to 1.");
        _preemptibleShare = preemptibleShare;
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            double length = request.Length.IsKnown ? Math.Min(request.Length.Median, request.MaxOutputTokens) : request.MaxOutputTokens;
            double remaining = Math.Max(1, length - request.GeneratedTokens);
            int band = (int)Math.Floor(2 * Math.Log2(remaining));
            keys[i] = request.Phase != RequestPhase.Running ? new(band, remaining)
                : request.GeneratedTokens < _preemptibleShare * length ? new(band - 1, remaining)
                : PriorityKey.KeepsSeat;
        }
    }
}
