using CsvHelper;

namespace LlmScheduling.Simulation;

/// <summary>Reads a CSV file of measurements: columns by name in any order, unknown ones ignored.</summary>
internal static class MeasurementFile
{
    private static readonly CsvReaderOptions Options = new()
    {
        Separator = ',',
        DetectSeparatorHint = false,
        TrackLineNumbers = true,
        PoolStrings = true,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    /// <exception cref="InputException">The file cannot be read, lacks a column of <paramref name="required"/>, has no rows, or a row breaks a rule.</exception>
    public static List<T> Read<T>(string path, Func<Stream>? openStandardInput, IReadOnlyList<string> required, Func<MeasurementRow, T> convert) =>
        InputFile.Read(path, openStandardInput, stream =>
        {
            using CsvReader reader = CsvReader.Create(stream, Options, leaveOpen: true);
            try
            {
                return Rows(reader, path, required, convert);
            }
            catch (CsvFormatException fault)
            {
                throw new InputException(path, fault.LineNumber > 0 ? fault.LineNumber : null, null, $"a malformed row ({fault.Message.TrimEnd('.')})", "cells divided by commas, quoted by pairs of \"");
            }
        });

    private static List<T> Rows<T>(CsvReader reader, string path, IReadOnlyList<string> required, Func<MeasurementRow, T> convert)
    {
        reader.ReadHeader();
        if (reader.Headers.Count == 0)
            throw new InputException(path, null, null, "an empty file", "a header line and at least one row");
        var columnOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string header in reader.Headers)
        {
            if (!columnOf.TryAdd(header.Trim(), columnOf.Count))
                throw new InputException(path, 1, header.Trim(), "the column twice", "each column once");
        }

        foreach (string name in required)
        {
            if (!columnOf.ContainsKey(name))
                throw new InputException(path, 1, name, $"a header without it ({string.Join(",", reader.Headers)})", $"{string.Join(",", required)} in any order");
        }

        var rows = new List<T>();
        var row = new MeasurementRow(reader, columnOf, path);
        while (reader.Read())
        {
            if (reader.FieldCount == 1 && columnOf.Count > 1 && row.IsBlank)
                continue;
            if (reader.FieldCount != columnOf.Count)
                throw new InputException(path, row.Line, null, $"{reader.FieldCount} cells", $"{columnOf.Count}, as in the header");
            rows.Add(convert(row));
        }

        return rows.Count > 0 ? rows : throw new InputException(path, null, null, "a header without rows", "at least one row");
    }
}
