namespace LlmScheduling;

/// <summary>Checks coefficients and turns their sum into a duration.</summary>
internal static class Coefficient
{
    /// <summary>Returns <paramref name="value"/>; throws when it is not a finite number of at least zero.</summary>
    public static double Checked(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number, 0 or more.");

    /// <summary>A duration of <paramref name="seconds"/>; the longest there is where that is not enough.</summary>
    public static TimeSpan Duration(double seconds)
    {
        double ticks = seconds * TimeSpan.TicksPerSecond;
        return ticks >= long.MaxValue ? TimeSpan.MaxValue : new TimeSpan((long)Math.Round(ticks));
    }
}
