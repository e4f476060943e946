using System.Globalization;
using CsvHelper;

namespace LlmScheduling.Simulation;

/// <summary>The cells of one row of a trace, checked as they are read.</summary>
internal readonly struct TraceRow(CsvReader reader, TraceColumns columns, string path)
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
    private const int MicrosecondsPerSecond = 1_000_000;

    public long Line => reader.LineNumber;

    /// <summary>The text of a cell without the space around it; empty when the column is absent.</summary>
    public string Text(int column) => column < 0 ? "" : reader.GetString(column).Trim();

    /// <summary>The text of a cell as it is; null when it is empty or absent.</summary>
    public string? RawText(int column) => column >= 0 && reader.GetString(column) is { Length: > 0 } text ? text : null;

    /// <summary>A whole number; null when the cell is empty or absent.</summary>
    public long? Integer(int column, long min, long max)
    {
        if (column < 0 || Text(column).Length == 0)
            return null;
        if (long.TryParse(reader.GetSpan(column), Whole, CultureInfo.InvariantCulture, out long value)
            // Tables with empty cells are often written with every number as a fraction: 4900.0 is whole all the same.
            || (Fraction(column) is { } fraction && decimal.IsInteger(fraction) && Fits(fraction, out value)))
        {
            if (value >= min && value <= max)
                return value;
        }

        throw Bad(column, $"a whole number from {min} to {max}");
    }

    public long RequiredInteger(int column, long min, long max) => Integer(column, min, max) ?? throw Bad(column, $"a whole number from {min} to {max}");

    /// <summary>A number of seconds in microseconds, read as a decimal and rounded to the nearest, halves up.</summary>
    public long Seconds(int column, long maxMicroseconds)
    {
        if (Fraction(column) is { } seconds && seconds >= 0 && seconds <= maxMicroseconds / MicrosecondsPerSecond)
            return (long)decimal.Round(seconds * MicrosecondsPerSecond, MidpointRounding.AwayFromZero);
        throw Bad(column, $"a number of seconds from 0 to {maxMicroseconds / MicrosecondsPerSecond}");
    }

    public InputException Bad(int column, string allowed)
    {
        string found = reader.GetString(column);
        return new(path, Line, columns.NameOf(column), string.IsNullOrWhiteSpace(found) ? "nothing" : found, allowed);
    }

    private decimal? Fraction(int column) =>
        decimal.TryParse(reader.GetSpan(column), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) ? value : null;

    private static bool Fits(decimal whole, out long value)
    {
        bool fits = whole is >= long.MinValue and <= long.MaxValue;
        value = fits ? (long)whole : 0;
        return fits;
    }
}
