namespace LlmScheduling.Simulation;

/// <summary>Quantiles of a few numbers, interpolated linearly between neighbours.</summary>
internal static class Quantile
{
    /// <summary>The value below which the share <paramref name="q"/> lies; sorts <paramref name="values"/>; NaN of none.</summary>
    public static double Of(double[] values, double q)
    {
        if (values.Length == 0)
            return double.NaN;
        Array.Sort(values);
        double at = q * (values.Length - 1);
        int below = (int)at, above = Math.Min(below + 1, values.Length - 1);
        return values[below] + (at - below) * (values[above] - values[below]);
    }
}
