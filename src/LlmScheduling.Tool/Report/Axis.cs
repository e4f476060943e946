namespace LlmScheduling.Tool;

/// <summary>Maps values to places on a drawing, with round ticks.</summary>
internal sealed class Axis
{
    private static readonly double[] TimeSteps =
        [.. from exponent in Enumerable.Range(-6, 8) from digit in new[] { 1, 2, 5 } let step = digit * Math.Pow(10, exponent) where step < 15 select step,
            15, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

    private readonly double _min, _max, _from, _to;
    private readonly bool _isLog;

    private Axis(double min, double max, double from, double to, bool isLog, IReadOnlyList<double> ticks) =>
        (_min, _max, _from, _to, _isLog, Ticks) = (min, max, from, to, isLog, ticks);

    /// <summary>The values that deserve a label.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>Seconds from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Axis Time(double min, double max, double from, double to)
    {
        max = Math.Max(max, min + 1e-6);
        double step = TimeSteps.FirstOrDefault(step => (max - min) / step <= 5, Math.Ceiling((max - min) / 5 / 86_400) * 86_400);
        return new Axis(min, max, from, to, false, Multiples(step, min, max));
    }

    /// <summary>Counts from 0 to <paramref name="max"/> or a little above.</summary>
    public static Axis Count(double max, double from, double to)
    {
        double magnitude = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, max / 4))));
        double step = new[] { 1.0, 2, 5, 10 }.Select(digit => digit * magnitude).First(step => max / step <= 4);
        double top = Math.Max(1, Math.Ceiling(max / step)) * step;
        return new Axis(0, top, from, to, false, Multiples(step, 0, top));
    }

    /// <summary>Seconds in whole decades around <paramref name="min"/> and <paramref name="max"/>.</summary>
    public static Axis Decades(double min, double max, double from, double to)
    {
        int low = (int)Math.Floor(Math.Log10(min)), high = Math.Max(low + 1, (int)Math.Ceiling(Math.Log10(max)));
        int every = (high - low + 4) / 5;
        return new Axis(low, high, from, to, true, [.. Enumerable.Range(low, high - low + 1).Where(decade => (decade - low) % every == 0).Select(decade => Math.Pow(10, decade))]);
    }

    /// <summary>Shares from 0 to 1.</summary>
    public static Axis Share(double from, double to) => new(0, 1, from, to, false, [0, 0.25, 0.5, 0.75, 0.9, 1]);

    /// <summary>Where <paramref name="value"/> is drawn; values beyond the ends are drawn at the ends.</summary>
    public double Place(double value)
    {
        double position = _isLog ? (value > 0 ? Math.Log10(value) : _min) : value;
        return _from + (_to - _from) * Math.Clamp((position - _min) / (_max - _min), 0, 1);
    }

    private static double[] Multiples(double step, double min, double max) =>
        [.. Enumerable.Range(0, 12).Select(i => (Math.Ceiling(min / step) + i) * step).TakeWhile(tick => tick <= max * (1 + 1e-9))];
}
