using System.Globalization;

namespace LlmScheduling.Tool;

/// <summary>Writes seconds as people read them.</summary>
internal static class DurationText
{
    /// <summary>A tick's label: <c>500 µs</c>, <c>10 ms</c>, <c>2 s</c>, <c>15 min</c>, <c>3 h</c>.</summary>
    public static string Tick(double seconds) => seconds switch
    {
        0 => "0",
        < 0.9995e-3 => Write(seconds * 1e6, "µs"),
        < 0.9995 => Write(seconds * 1e3, "ms"),
        < 119.5 => Write(seconds, "s"),
        < 7_199 => Write(seconds / 60, "min"),
        _ => Write(seconds / 3_600, "h"),
    };

    /// <summary>A span of time in a sentence: <c>36.1 s</c>, <c>40.9 min</c>, <c>3.2 h</c>.</summary>
    public static string Span(double seconds) => seconds switch
    {
        < 119.5 => Seconds(seconds) + " s",
        < 7_199 => Seconds(seconds / 60) + " min",
        _ => Seconds(seconds / 3_600) + " h",
    };

    /// <summary>The label of a power of ten: <c>100 ms</c>, <c>1,000 s</c>.</summary>
    public static string Decade(double seconds) => seconds < 0.9995 ? Tick(seconds) : seconds.ToString("#,0", CultureInfo.InvariantCulture) + " s";

    /// <summary>Seconds with three significant digits, for a column whose heading says so; a dash for nothing.</summary>
    public static string Seconds(double? seconds) => seconds switch
    {
        null => "-",
        >= 99.95 => seconds.Value.ToString("0", CultureInfo.InvariantCulture),
        >= 9.995 => seconds.Value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.9995 => seconds.Value.ToString("0.00", CultureInfo.InvariantCulture),
        >= 0.09995 => seconds.Value.ToString("0.000", CultureInfo.InvariantCulture),
        _ => seconds.Value.ToString("0.0000", CultureInfo.InvariantCulture),
    };

    private static string Write(double value, string unit) => value.ToString("0.###", CultureInfo.InvariantCulture) + " " + unit;
}
