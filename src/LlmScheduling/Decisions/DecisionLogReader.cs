using System.Text;
using System.Text.Json;

namespace LlmScheduling;

/// <summary>Reads a decision log line by line: for replays, and to see why one request went before another (docs/decision-log.md).</summary>
public static class DecisionLogReader
{
    /// <summary>Reads the entries of <paramref name="stream"/> one by one, holding no more than one line.</summary>
    /// <param name="stream">The log; stays open.</param>
    /// <param name="source">Its name in errors, such as the file's path.</param>
    /// <exception cref="InputException">While entries are taken: a line is malformed, cut off, or of another schema; the message names it.</exception>
    public static IEnumerable<DecisionLogEntry> Read(Stream stream, string source = "decision log")
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Entries(new LogLines(stream, source), source);
    }

    private static IEnumerable<DecisionLogEntry> Entries(LogLines lines, string source)
    {
        long number = 0;
        while (lines.Next() is { } bytes)
        {
            DecisionLogEntry entry = Parse(bytes, lines.Line, source);
            if (entry.Number <= number)
                throw new InputException(source, entry.Line, "n", entry.Number.ToString(), $"a number above {number}, that of the line before");
            if (entry.Kind == DecisionKind.Header != (number == 0))
                throw new InputException(source, entry.Line, "kind", entry.Kind.ToString(), "one header, as the first line; lines before this one are missing or two logs were joined");
            number = entry.Number;
            yield return entry;
        }
    }

    private static DecisionLogEntry Parse(ReadOnlyMemory<byte> bytes, long line, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return LogEntryFormat.Read(document.RootElement, line);
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw new InputException(source, line, null, Encoding.UTF8.GetString(bytes.Span), $"a line of schema {DecisionRecorder.Schema} ({fault.Message})");
        }
    }
}
