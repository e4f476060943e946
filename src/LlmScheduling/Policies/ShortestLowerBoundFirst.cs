namespace LlmScheduling;

/// <summary>
/// Orders by a lower bound of the output length, the smallest first; the bound rises to what has been generated. A request of
/// unknown length that has generated nothing stands at the median of the known ones that wait. Score:
/// <c>max(predicted length at z, generated tokens)</c>.
/// </summary>
/// <remarks>
/// A lower bound is robust where an upper one is not: a request that turns out longer costs what it has run, while one that is
/// held back for a length that it might have had waits for nothing. After a preemption the bound is what the request has
/// proved. Where all predictions have the same relative spread this is <see cref="ShortestPredictedFirst"/>.
/// </remarks>
/// <param name="z">Quantile of the predicted length in standard normal units; -1.28 is 10 %.</param>
public sealed class ShortestLowerBoundFirst(double z = ShortestLowerBoundFirst.DefaultZ) : ISchedulingPolicy
{
    /// <summary>The quantile unless another is given: 10 %.</summary>
    public const double DefaultZ = -1.28;

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, Bound(request));
        }

        UnknownAtMedian.Place(keys);
    }

    private double Bound(in RequestView request)
    {
        double predicted = request.Length.IsKnown ? request.Length.Quantile(z) : double.NaN;
        return request.GeneratedTokens > 0 && !(predicted > request.GeneratedTokens) ? request.GeneratedTokens : predicted;
    }
}
