using System.Globalization;

namespace LlmScheduling.Simulation;

/// <summary>When the requests of a generated workload arrive.</summary>
/// <param name="Count">How many.</param>
/// <param name="Rate">Requests per second; null: all at once.</param>
/// <param name="Variation">Coefficient of variation of the gaps; 1 is a Poisson process.</param>
internal readonly record struct ArrivalPattern(int Count, double? Rate, double Variation)
{
    public const string Allowed = "burst:N, poisson:RATE:N or bursty:RATE:CV:N";
    private const string Option = "--workload";
    private const int MaxCount = 10_000_000;

    /// <summary>Reads <c>burst:N</c>, <c>poisson:RATE:N</c> or <c>bursty:RATE:CV:N</c>.</summary>
    /// <exception cref="InputException">It is none of these, or a number is out of range.</exception>
    public static ArrivalPattern Parse(string text)
    {
        string[] parts = text.Split(':');
        return (parts[0], parts.Length) switch
        {
            ("burst", 2) => new(CountIn(parts[1]), null, 0),
            ("poisson", 3) => new(CountIn(parts[2]), NumberIn("RATE", parts[1], 0.01, 1_000_000), 1),
            ("bursty", 4) => new(CountIn(parts[3]), NumberIn("RATE", parts[1], 0.01, 1_000_000), NumberIn("CV", parts[2], 0.01, 20)),
            _ => throw new InputException(Option, null, null, text.Length == 0 ? "nothing" : text, Allowed),
        };
    }

    private static int CountIn(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MaxCount
            ? count
            : throw new InputException(Option, null, "N", Found(text), $"a whole number from 1 to {MaxCount}");

    private static double NumberIn(string field, string text, double min, double max) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number) && number >= min && number <= max
            ? number
            : throw new InputException(Option, null, field, Found(text), string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"));

    private static string Found(string text) => text.Length == 0 ? "nothing" : text;
}
