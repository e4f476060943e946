using System.Globalization;
using CsvHelper;

namespace LlmScheduling.Simulation;

/// <summary>The cells of one row, by column, checked as they are read.</summary>
internal sealed class MeasurementRow(CsvReader reader, IReadOnlyDictionary<string, int> columnOf, string path)
{
    /// <summary>Where the row stands, counted from 1.</summary>
    public long Line => reader.LineNumber;

    /// <summary>Whether the first cell is empty.</summary>
    public bool IsBlank => reader.GetString(0).AsSpan().Trim().IsEmpty;

    /// <summary>The text of a cell without the space around it; empty where there is no such column.</summary>
    public string Text(string column) => columnOf.TryGetValue(column, out int at) ? reader.GetString(at).Trim() : "";

    /// <summary>A whole number from <paramref name="least"/> to a thousand million.</summary>
    public int Count(string column, int least)
    {
        const int Most = 1_000_000_000;
        return Parse(column) is { } value && value >= least && value <= Most && value == Math.Floor(value)
            ? (int)value
            : throw Bad(column, $"a whole number from {least} to {Most}");
    }

    /// <summary>A finite number, above <paramref name="least"/> or equal to it.</summary>
    public double AtLeast(string column, double least) =>
        Parse(column) is { } value && value >= least ? value : throw Bad(column, $"a number of {least.ToString(CultureInfo.InvariantCulture)} or more");

    /// <summary>A finite number above zero.</summary>
    public double Positive(string column) => Parse(column) is { } value && value > 0 ? value : throw Bad(column, "a number above 0");

    private double? Parse(string column) =>
        double.TryParse(Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) < 1e12 ? value : null;

    /// <summary>The refusal of a cell.</summary>
    public InputException Bad(string column, string allowed) => new(path, Line, column, Text(column) is { Length: > 0 } text ? text : "nothing", allowed);
}
