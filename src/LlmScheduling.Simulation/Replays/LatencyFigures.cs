namespace LlmScheduling.Simulation;

/// <summary>Mean and quantiles of one measure, in seconds; all null where nothing was measured.</summary>
/// <remarks>A quantile q of n values in order is interpolated linearly at place (n - 1) q, counted from 0.</remarks>
/// <param name="Mean">The mean.</param>
/// <param name="P50">The median.</param>
/// <param name="P90">The 90 % quantile.</param>
/// <param name="P99">The 99 % quantile.</param>
public readonly record struct LatencyFigures(double? Mean, double? P50, double? P90, double? P99)
{
    /// <summary>Sorts <paramref name="values"/> in place.</summary>
    internal static LatencyFigures Of(Span<double> values)
    {
        if (values.IsEmpty)
            return default;
        values.Sort();
        double sum = 0;
        foreach (double value in values)
            sum += value;
        return new(sum / values.Length, Quantile(values, 0.5), Quantile(values, 0.9), Quantile(values, 0.99));
    }

    private static double Quantile(ReadOnlySpan<double> sorted, double share)
    {
        double place = (sorted.Length - 1) * share;
        int below = (int)place;
        return below + 1 == sorted.Length ? sorted[below] : sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
    }
}
