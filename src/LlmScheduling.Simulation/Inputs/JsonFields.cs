using System.Globalization;
using System.Text.Json;

namespace LlmScheduling.Simulation;

/// <summary>The members of one JSON object, taken by name and checked; whoever reads it names every key that may stand there.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonPart> _members = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly string _prefix;
    private readonly long _line;

    /// <param name="path">The file, for messages.</param>
    /// <param name="prefix">Where the object stands, with a dot after it; empty for the root.</param>
    /// <param name="part">The object.</param>
    /// <param name="allowed">Every key that may stand there.</param>
    /// <exception cref="InputException">It is no object, or has another key.</exception>
    public JsonFields(string path, string prefix, JsonPart part, IReadOnlyCollection<string> allowed)
    {
        (_path, _prefix, _line) = (path, prefix, part.Line);
        if (part.Kind != JsonValueKind.Object)
            throw new InputException(path, part.Line, prefix.Length == 0 ? null : prefix.TrimEnd('.'), part.Found, "an object");
        foreach ((string name, JsonPart value) in part.Members)
        {
            if (!allowed.Contains(name))
                throw new InputException(path, value.Line, prefix + name, "a key that nothing reads", NearNames.List(name, allowed));
            _members.Add(name, value);
        }
    }

    /// <summary>Whether the key stands there with a value other than null.</summary>
    public bool Has(string name) => _members.TryGetValue(name, out JsonPart? value) && value.Kind != JsonValueKind.Null;

    /// <summary>A whole number; null where the key is absent or null.</summary>
    public long? Integer(string name, long min, long max)
    {
        if (!Has(name))
            return null;
        // A whole number may be written as 64.0 or 1e3; decimal keeps every digit of it.
        if (_members[name] is { Kind: JsonValueKind.Number } value && TryParse(value.Text, out decimal number) && decimal.IsInteger(number) && number >= min && number <= max)
            return (long)number;
        throw Bad(name, $"a whole number from {min} to {max}");
    }

    /// <summary>A whole number; <paramref name="absent"/> where the key is absent. Null is refused.</summary>
    public int Integer(string name, int min, int max, int absent) => Required(name) ? (int)Integer(name, min, max)! : absent;

    /// <summary>A whole number that must be there.</summary>
    public int RequiredInteger(string name, int min, int max) => (int)(Integer(name, min, max) ?? throw Bad(name, $"a whole number from {min} to {max}"));

    /// <summary>A number above 0; null where the key is absent or null.</summary>
    public decimal? PositiveNumber(string name, decimal max)
    {
        if (!Has(name))
            return null;
        if (_members[name] is { Kind: JsonValueKind.Number } value && TryParse(value.Text, out decimal number) && number > 0 && number <= max)
            return number;
        throw Bad(name, string.Create(CultureInfo.InvariantCulture, $"a number above 0 and at most {max}"));
    }

    /// <summary>True or false; <paramref name="absent"/> where the key is absent. Null is refused.</summary>
    public bool Boolean(string name, bool absent) => !Required(name) ? absent : _members[name].Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Bad(name, "true or false"),
    };

    /// <summary>One of several words, by their place; null where the key is absent. Null is refused unless <paramref name="isNullable"/>.</summary>
    public int? Choice(string name, bool isNullable, params ReadOnlySpan<string> words)
    {
        if (isNullable ? !Has(name) : !Required(name))
            return null;
        int index = _members[name].Kind == JsonValueKind.String ? words.IndexOf(_members[name].Text) : -1;
        return index >= 0 ? index : throw Bad(name, string.Join(", ", words.ToArray().Select(word => $"\"{word}\"")));
    }

    /// <summary>Text that is not empty; null where the key is absent or null.</summary>
    public string? Text(string name) =>
        !Has(name) ? null
        : _members[name] is { Kind: JsonValueKind.String, Text: { Length: > 0 } text } ? text
        : throw Bad(name, "a string that is not empty");

    /// <summary>The value as it is; null where the key is absent.</summary>
    public JsonPart? Part(string name) => _members.GetValueOrDefault(name);

    /// <summary>The error for this key, whether or not it stands there.</summary>
    public InputException Bad(string name, string allowed) =>
        _members.TryGetValue(name, out JsonPart? value)
            ? new InputException(_path, value.Line, _prefix + name, value.Found, allowed)
            : new InputException(_path, _line, _prefix + name, "nothing", allowed);

    private bool Required(string name)
    {
        if (_members.TryGetValue(name, out JsonPart? value) && value.Kind == JsonValueKind.Null)
            throw Bad(name, "a value, or no such key for the default");
        return value is not null;
    }

    private static bool TryParse(string text, out decimal number) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}
