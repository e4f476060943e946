namespace LlmScheduling;

/// <summary>
/// Orders by the Gittins index of the work that is left, the best chance of finishing per server-second first, by the
/// distribution that the predicted length has. A request of unknown length has the distribution given to the policy, or stands
/// at the median of the others that wait. Score:
/// <c>min over d of E[work(min(length, d) - generated tokens)] / P(length at most d, given that it is more than generated tokens)</c>.
/// </summary>
/// <remarks>
/// Of two distributions of the same mean the wider one goes first, since it may be over soon. That is best where a request that
/// is not over by then is put back; seats are not taken here. While all predictions have the same relative spread, and outputs
/// are most of the work, the order is that of <see cref="ShortestPredictedFirst"/>. While no latency is known work is tokens.
/// Gittins, "Bandit Processes and Dynamic Allocation Indices" (1979), section 3.
/// </remarks>
/// <param name="unknown">Distribution of lengths that nobody has predicted; null: none.</param>
public sealed class GittinsFirst(LengthDistribution? unknown = null) : ISchedulingPolicy
{
    private const double WidestSpread = 8;

    // Standard normal quantiles at 1/32, 3/32, ..., 31/32.
    private static readonly double[] Normal =
    [
        -1.8627319, -1.3180109, -1.0099902, -0.7764218, -0.5791322, -0.4022501, -0.2372021, -0.0784124,
        0.0784124, 0.2372021, 0.4022501, 0.5791322, 0.7764218, 1.0099902, 1.3180109, 1.8627319,
    ];

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        Span<double> lengths = stackalloc double[Normal.Length], starts = stackalloc double[Normal.Length], costs = stackalloc double[Normal.Length];
        double spread = -1;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = PriorityKey.KeepsSeat;
            if (request.Phase == RequestPhase.Running)
                continue;
            double index = unknown is null ? double.NaN : Index(snapshot, request, 1, unknown.Quantiles);
            if (request.Length.IsKnown)
            {
                double its = Math.Clamp(request.Length.LogSpread, 0, WidestSpread);
                if (its != spread)
                {
                    // Requests share few spreads; what depends on nothing else is worked out once for those in a row.
                    spread = double.IsNaN(its) ? 0 : its;
                    Tabulate(spread, lengths, starts, costs);
                }

                double median = Math.Min(request.Length.Median, int.MaxValue);
                index = request.GeneratedTokens > 0 ? Index(snapshot, request, median, lengths) : FreshIndex(snapshot, request, median, starts, costs);
            }

            keys[i] = new(0, index);
        }

        UnknownAtMedian.Place(keys);
    }

    /// <summary>Lengths around a median of 1, and the factors of the prefill's work and of the output's in the index at each of them.</summary>
    private static void Tabulate(double spread, Span<double> lengths, Span<double> starts, Span<double> costs)
    {
        double shorter = 0;
        for (int k = 0; k < lengths.Length; k++)
        {
            lengths[k] = Math.Exp(spread * Normal[k]);
            starts[k] = (double)lengths.Length / (k + 1);
            costs[k] = (shorter + (lengths.Length - k) * lengths[k]) / (k + 1);
            shorter += lengths[k];
        }
    }

    private static double FreshIndex(in SchedulingSnapshot snapshot, in RequestView request, double median, ReadOnlySpan<double> starts, ReadOnlySpan<double> costs)
    {
        double start = Start(snapshot, request), output = median * PerToken(snapshot, request, median), least = double.PositiveInfinity;
        for (int k = 0; k < starts.Length; k++)
            least = Math.Min(least, start * starts[k] + output * costs[k]);
        return least;
    }

    /// <summary>The index of a request whose length is <paramref name="scale"/> times one of <paramref name="lengths"/>, and more than it has generated.</summary>
    private static double Index(in SchedulingSnapshot snapshot, in RequestView request, double scale, ReadOnlySpan<double> lengths)
    {
        double generated = Math.Max(0, request.GeneratedTokens), start = Start(snapshot, request);
        int over = 0;
        while (over < lengths.Length && scale * lengths[over] <= generated)
            over++;
        double perToken = PerToken(snapshot, request, scale * lengths[lengths.Length / 2]);

        // Longer than anything likely: as much again.
        int left = lengths.Length - over;
        if (left == 0)
            return start + perToken * generated;
        double shorter = 0, least = double.PositiveInfinity;
        for (int k = 0; k < left; k++)
        {
            double tokens = scale * lengths[over + k] - generated;
            least = Math.Min(least, (left * start + perToken * (shorter + (left - k) * tokens)) / (k + 1));
            shorter += tokens;
        }

        return least;
    }

    private static double Start(in SchedulingSnapshot snapshot, in RequestView request) =>
        snapshot.Work.Seconds(Math.Max(0, request.TokensToCompute), 0, snapshot.Limits);

    private static double PerToken(in SchedulingSnapshot snapshot, in RequestView request, double tokens)
    {
        double most = Math.Clamp(tokens, 1, int.MaxValue);
        return (snapshot.Work.Seconds(request.PromptTokens, most, snapshot.Limits) - snapshot.Work.Seconds(request.PromptTokens, 0, snapshot.Limits)) / most;
    }
}
