using System.Text;

namespace LlmScheduling.Simulation;

/// <summary>
/// Reads a log of answered prompts: JSON lines, one object each, whose other fields nobody reads. A field's name may be a path
/// with dots (<c>usage.completion_tokens</c>). Blank lines are skipped.
/// </summary>
internal static class ResponseFile
{
    /// <summary>The most tokens of an answer.</summary>
    public const int MostTokens = 100_000_000;

    private const byte LineFeed = (byte)'\n';

    /// <summary>What servers say of an answer that was cut off at its limit.</summary>
    private static readonly string[] TruncatedFinishes = ["length", "max_tokens", "MAX_TOKENS", "max_length"];

    /// <param name="path">A file; <c>.gz</c> is unpacked, <c>-</c> is standard input.</param>
    /// <param name="fields">Where it keeps what.</param>
    /// <param name="openStandardInput">Opens standard input; null: that of the process.</param>
    /// <exception cref="InputException">The file cannot be read, has no rows, or a row breaks a rule.</exception>
    public static List<LoggedResponse> Read(string path, ResponseFields fields, Func<Stream>? openStandardInput = null)
    {
        ReadOnlyMemory<byte> rest = InputFile.ReadAllBytes(path, openStandardInput);
        if (rest.Span.StartsWith(Encoding.UTF8.Preamble))
            rest = rest[Encoding.UTF8.Preamble.Length..];
        var rows = new List<LoggedResponse>();
        for (long line = 1; !rest.IsEmpty; line++)
        {
            int end = rest.Span.IndexOf(LineFeed);
            ReadOnlyMemory<byte> text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (text.Span.IndexOfAnyExcept(" \t\r"u8) >= 0)
                rows.Add(Row(new ResponseLine(path, line, text), fields));
        }

        return rows.Count > 0 ? rows : throw new InputException(path, null, null, "no rows", "a JSON object in every line");
    }

    private static LoggedResponse Row(ResponseLine line, ResponseFields fields)
    {
        using (line)
        {
            return new LoggedResponse(
                line.Text(fields.Prompt).AsMemory(),
                line.Count(fields.Length, MostTokens),
                fields.Finish is not null && TruncatedFinishes.Contains(line.TextOrNull(fields.Finish)),
                fields.Time is null ? null : line.Time(fields.Time));
        }
    }
}
