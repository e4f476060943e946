using System.Globalization;
using System.Text.Json;

namespace LlmScheduling.Simulation;

/// <summary>One line of a log of answers: a JSON object, its fields taken by name and checked.</summary>
internal sealed class ResponseLine : IDisposable
{
    private const double MostSeconds = 253_402_300_799;

    private readonly JsonDocument _document;
    private readonly string _path;
    private readonly long _line;

    /// <exception cref="InputException">It is no JSON object.</exception>
    public ResponseLine(string path, long line, ReadOnlyMemory<byte> text)
    {
        (_path, _line) = (path, line);
        try
        {
            _document = JsonDocument.Parse(text);
        }
        catch (JsonException fault)
        {
            int end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            throw new InputException(path, line, null, $"what is not JSON ({(end < 0 ? fault.Message : fault.Message[..end]).TrimEnd('.', ' ')})", "a JSON object in every line");
        }

        if (_document.RootElement.ValueKind != JsonValueKind.Object)
            throw new InputException(path, line, null, _document.RootElement.ValueKind == JsonValueKind.Array ? "an array" : _document.RootElement.GetRawText(), "a JSON object in every line");
    }

    /// <summary>Text, which may be empty.</summary>
    public string Text(string field)
    {
        JsonElement? value = Find(field);
        return value is { ValueKind: JsonValueKind.String } text ? Decoded(text, field) : throw Bad(field, value, "a string");
    }

    /// <summary>Text; null where the field is absent or null.</summary>
    public string? TextOrNull(string field) => Find(field) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => Decoded(text, field),
        { } other => throw Bad(field, other, "a string or null"),
    };

    /// <summary>A whole number from 0.</summary>
    public int Count(string field, int most)
    {
        JsonElement? value = Find(field);
        return value is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double count) && double.IsInteger(count) && count >= 0 && count <= most
            ? (int)count
            : throw Bad(field, value, string.Create(CultureInfo.InvariantCulture, $"a whole number from 0 to {most}"));
    }

    /// <summary>Seconds since 1970, or a date and time.</summary>
    public DateTimeOffset Time(string field)
    {
        JsonElement? value = Find(field);
        if (value is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double seconds) && seconds is >= 0 and <= MostSeconds)
            return DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        if (value is { ValueKind: JsonValueKind.String } text && DateTimeOffset.TryParse(Decoded(text, field), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            return time;
        throw Bad(field, value, "seconds since 1970 or a time such as 2025-03-01T12:00:00Z");
    }

    public void Dispose() => _document.Dispose();

    /// <summary>The field of this very name, else what the path of names leads to.</summary>
    private JsonElement? Find(string field)
    {
        JsonElement at = _document.RootElement;
        if (at.TryGetProperty(field, out JsonElement whole))
            return whole;
        foreach (string name in field.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                return null;
        }

        return at;
    }

    private string Decoded(JsonElement text, string field)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new InputException(_path, _line, field, "text that is not Unicode", "a string in UTF-8");
        }
    }

    private InputException Bad(string field, JsonElement? value, string allowed) => new(_path, _line, field, value switch
    {
        null => "nothing",
        { ValueKind: JsonValueKind.Object } => "an object",
        { ValueKind: JsonValueKind.Array } => "an array",
        { ValueKind: JsonValueKind.String } text => $"\"{Decoded(text, field)}\"",
        { } other => other.GetRawText(),
    }, allowed);
}
