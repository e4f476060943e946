namespace LlmScheduling;

/// <summary>Turns scores into lengths: the median and the 90 % quantile of the answers that had such scores, never falling as the score rises.</summary>
/// <remarks>Between two points both are interpolated in the logarithm; beyond the ends they stay. Immutable.</remarks>
internal sealed class LengthCalibration(float[] scores, float[] logMedians, float[] logUpper)
{
    /// <summary>The 90 % quantile of a standard normal: a <see cref="LengthEstimate"/> takes it for its own.</summary>
    public const double UpperZ = 1.2815515655446004;

    private const int MostPoints = 24, LeastRowsPerPoint = 40;

    public static LengthCalibration None { get; } = new([], [], []);

    public int Count => scores.Length;

    public (float Score, float LogMedian, float LogUpper) this[int point] => (scores[point], logMedians[point], logUpper[point]);

    /// <summary>The length to expect; unknown where nothing was calibrated.</summary>
    public LengthEstimate Estimate(float score)
    {
        if (scores.Length == 0 || float.IsNaN(score))
            return default;
        int above = Array.BinarySearch(scores, score);
        if (above < 0)
            above = ~above;
        if (above == 0 || above == scores.Length)
            return At(Math.Max(0, above - 1), Math.Max(0, above - 1), 0);
        return At(above - 1, above, (score - scores[above - 1]) / (scores[above] - scores[above - 1]));
    }

    private LengthEstimate At(int low, int high, float share)
    {
        float median = logMedians[low] + share * (logMedians[high] - logMedians[low]), upper = logUpper[low] + share * (logUpper[high] - logUpper[low]);
        return new LengthEstimate((float)PortableMath.Exp(median), (float)(Math.Max(0, upper - median) / UpperZ));
    }

    /// <summary>Calibrates on answers whose scores were made without knowing them. Truncated ones count as that long, and so as too short.</summary>
    public static LengthCalibration Fit(ReadOnlySpan<float> scores, ReadOnlySpan<double> lengths)
    {
        float[] sorted = scores.ToArray();
        double[] ordered = lengths.ToArray();
        Array.Sort(sorted, ordered);
        int points = Math.Clamp(sorted.Length / LeastRowsPerPoint, 1, MostPoints);
        var at = new float[points];
        double[] medians = new double[points], uppers = new double[points];
        for (int point = 0; point < points; point++)
        {
            int from = (int)((long)sorted.Length * point / points), to = (int)((long)sorted.Length * (point + 1) / points);
            at[point] = sorted[(from + to - 1) / 2];
            double[] group = ordered[from..to];
            Array.Sort(group);
            medians[point] = PortableMath.Log(Math.Max(1, group[(group.Length - 1) / 2]));
            // The rank of split conformal prediction: ceil(0.9 (n + 1)).
            uppers[point] = PortableMath.Log(Math.Max(1, group[Math.Min(group.Length - 1, (9 * (group.Length + 1) + 9) / 10 - 1)]));
        }

        MakeMonotone(medians);
        MakeMonotone(uppers);
        int[] kept = [.. Enumerable.Range(0, points).Where(point => point == 0 || at[point] > at[point - 1])];
        return new LengthCalibration([.. kept.Select(point => at[point])], [.. kept.Select(point => (float)medians[point])], [.. kept.Select(point => (float)uppers[point])]);
    }

    // Pool adjacent violators; every point stands for about as many rows.
    private static void MakeMonotone(double[] values)
    {
        var pools = new List<(double Sum, int Count)>();
        foreach (double value in values)
        {
            pools.Add((value, 1));
            while (pools.Count > 1 && pools[^2].Sum / pools[^2].Count > pools[^1].Sum / pools[^1].Count)
            {
                (double sum, int count) = pools[^1];
                pools.RemoveAt(pools.Count - 1);
                pools[^1] = (pools[^1].Sum + sum, pools[^1].Count + count);
            }
        }

        int next = 0;
        foreach ((double sum, int count) in pools)
        {
            for (int i = 0; i < count; i++)
                values[next++] = sum / count;
        }
    }
}
