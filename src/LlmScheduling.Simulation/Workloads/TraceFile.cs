using System.Globalization;
using CsvHelper;

namespace LlmScheduling.Simulation;

/// <summary>Reads a trace: a CSV file with a header, a request per row.</summary>
/// <remarks>
/// Columns stand in any order, unknown ones are ignored, and a cell may be quoted. A request without an id gets its row number, counted
/// from 0. Rows stay in the file's order.
/// </remarks>
internal static class TraceFile
{
    /// <summary>317 years: sums of times stay far inside 64 bits.</summary>
    public const long MaxMicroseconds = 10_000_000_000_000_000;

    /// <summary>Prompt and output together stay inside 32 bits.</summary>
    public const int MaxTokens = 1_000_000_000;

    private static readonly CsvReaderOptions Options = new()
    {
        Separator = ',',
        DetectSeparatorHint = false,
        TrackLineNumbers = true,
        PoolStrings = true,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    /// <exception cref="InputException">The file cannot be read, has no rows, or a row breaks a rule.</exception>
    public static List<TraceRequest> Read(TraceSource source, Func<Stream>? openStandardInput = null) =>
        InputFile.Read(source.Path, openStandardInput, stream =>
        {
            using CsvReader reader = CsvReader.Create(stream, Options, leaveOpen: true);
            try
            {
                return Rows(reader, source);
            }
            catch (CsvFormatException fault)
            {
                throw new InputException(source.Path, fault.LineNumber > 0 ? fault.LineNumber : null, null, $"a malformed row ({fault.Message.TrimEnd('.')})", "cells divided by commas, quoted by pairs of \"");
            }
        });

    private static List<TraceRequest> Rows(CsvReader reader, TraceSource source)
    {
        reader.ReadHeader();
        if (reader.Headers.Count == 0)
            throw new InputException(source.Path, null, null, "an empty file", "a header line and at least one row");
        var columns = new TraceColumns(source.Path, reader.Headers);
        var row = new TraceRow(reader, columns, source.Path);
        var requests = new List<TraceRequest>();
        var lineOfId = new Dictionary<string, long>(StringComparer.Ordinal);
        while (reader.Read())
        {
            if (reader.FieldCount == 1 && columns.Count > 1 && row.Text(0).Length == 0)
                continue;
            if (reader.FieldCount != columns.Count)
                throw new InputException(source.Path, row.Line, null, $"{reader.FieldCount} cells", $"{columns.Count}, as in the header");
            TraceRequest request = Request(row, columns, source.TrafficClass, requests.Count);
            if (!lineOfId.TryAdd(request.Id, row.Line))
                throw new InputException(source.Path, row.Line, "id", $"{request.Id}, which line {lineOfId[request.Id]} has too", "ids that differ; an empty one is the row number");
            requests.Add(request);
        }

        return requests.Count > 0 ? requests : throw new InputException(source.Path, null, null, "a header without rows", "at least one row");
    }

    private static TraceRequest Request(in TraceRow row, TraceColumns columns, string? trafficClass, int rowNumber)
    {
        long arrival = columns.ArrivalIsInMicroseconds ? row.RequiredInteger(columns.Arrival, 0, MaxMicroseconds) : row.Seconds(columns.Arrival, MaxMicroseconds);
        string id = row.Text(columns.Id);
        return new TraceRequest
        {
            Id = id.Length > 0 ? id : rowNumber.ToString(CultureInfo.InvariantCulture),
            ArrivedAt = Microseconds(arrival),
            InputTokens = (int)row.RequiredInteger(columns.InputTokens, 1, MaxTokens),
            OutputTokens = (int)row.RequiredInteger(columns.OutputTokens, 1, MaxTokens),
            MaxOutputTokens = (int?)row.Integer(columns.MaxOutputTokens, 1, MaxTokens),
            Priority = (int)(row.Integer(columns.Priority, int.MinValue, int.MaxValue) ?? 0),
            Tenant = row.Text(columns.Tenant),
            TrafficClass = trafficClass ?? row.Text(columns.TrafficClass),
            Deadline = row.Integer(columns.Deadline, -MaxMicroseconds, MaxMicroseconds) is { } deadline ? Microseconds(deadline) : null,
            Prompt = row.RawText(columns.Prompt),
        };
    }

    private static TimeSpan Microseconds(long count) => TimeSpan.FromTicks(count * TimeSpan.TicksPerMicrosecond);
}
