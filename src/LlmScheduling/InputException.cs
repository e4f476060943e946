namespace LlmScheduling;

/// <summary>A file or an argument that a person gave holds something that is not allowed; the message fits on one line and says where, what and what would be.</summary>
public sealed class InputException : Exception
{
    private const int MaxFoundLength = 80;

    /// <summary>Builds the message <c>source:line: field F: found X; allowed Y.</c>, leaving out what is null.</summary>
    /// <param name="source">The file's path, or the option that was given.</param>
    /// <param name="line">Its line, counted from 1.</param>
    /// <param name="field">The column, key or part.</param>
    /// <param name="found">What stands there; control characters are replaced and what is long is cut.</param>
    /// <param name="allowed">What may stand there.</param>
    public InputException(string source, long? line, string? field, string found, string allowed)
        : base(Compose(source, line, field, found, allowed)) =>
        (Origin, Line, Field) = (source, line, field);

    /// <summary>The file's path, or the option that was given.</summary>
    public string Origin { get; }

    /// <summary>The line, counted from 1; null when no line is to blame.</summary>
    public long? Line { get; }

    /// <summary>The column, key or part; null when the whole is to blame.</summary>
    public string? Field { get; }

    private static string Compose(string source, long? line, string? field, string found, string allowed)
    {
        string place = OneLine(source, int.MaxValue) + (line is { } number ? $":{number}" : "");
        string part = field is null ? "" : $"field {OneLine(field, MaxFoundLength)}: ";
        return $"{place}: {part}found {OneLine(found, MaxFoundLength)}; allowed {OneLine(allowed, int.MaxValue)}.";
    }

    private static string OneLine(string text, int maxLength)
    {
        if (text.Length > maxLength)
            text = string.Concat(text.AsSpan(0, maxLength), "...");
        return string.Create(text.Length, text, static (line, source) =>
        {
            for (int i = 0; i < line.Length; i++)
                line[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
        });
    }
}
