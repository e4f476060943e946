namespace LlmScheduling.Tool;

/// <summary>Text as a field of a CSV file.</summary>
internal static class CsvText
{
    /// <summary>Puts <paramref name="field"/> in quotes where it needs them.</summary>
    public static string Of(string field) =>
        field.AsSpan().IndexOfAny(',', '"', '\n') < 0 && field.AsSpan().IndexOf('\r') < 0 && field.Trim() == field ? field : "\"" + field.Replace("\"", "\"\"") + "\"";
}
