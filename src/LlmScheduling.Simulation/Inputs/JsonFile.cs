using System.Text;
using System.Text.Json;

namespace LlmScheduling.Simulation;

/// <summary>Reads a JSON file and keeps the line of every value: no comments, no trailing commas, no key twice in one object.</summary>
internal static class JsonFile
{
    private const byte LineFeed = (byte)'\n';

    /// <exception cref="InputException">The file cannot be read or is not JSON.</exception>
    public static JsonPart Read(string path, Func<Stream>? openStandardInput = null)
    {
        ReadOnlySpan<byte> content = InputFile.ReadAllBytes(path, openStandardInput);
        if (content.StartsWith(Encoding.UTF8.Preamble))
            content = content[Encoding.UTF8.Preamble.Length..];
        var reader = new Utf8JsonReader(content);
        try
        {
            reader.Read();
            JsonPart root = Part(ref reader, content, path);
            while (reader.Read())
            {
                // Whatever follows the root throws.
            }

            return root;
        }
        catch (JsonException fault)
        {
            int end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            throw new InputException(path, 1 + (fault.LineNumber ?? 0), null, $"what is not JSON ({(end < 0 ? fault.Message : fault.Message[..end]).TrimEnd('.', ' ')})", "one JSON object");
        }
        catch (InvalidOperationException)
        {
            throw new InputException(path, LineOf(reader, content), null, "text that is not UTF-8", "one JSON object");
        }
    }

    private static JsonPart Part(ref Utf8JsonReader reader, ReadOnlySpan<byte> content, string path)
    {
        long line = LineOf(reader, content);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return new JsonPart(JsonValueKind.Object, "", line, Members(ref reader, content, path));
            case JsonTokenType.StartArray:
                return new JsonPart(JsonValueKind.Array, "", line, Items(ref reader, content, path));
            case JsonTokenType.String:
                return new JsonPart(JsonValueKind.String, reader.GetString()!, line, []);
            case JsonTokenType.Number:
                return new JsonPart(JsonValueKind.Number, Encoding.UTF8.GetString(reader.ValueSpan), line, []);
            default:
                JsonValueKind kind = reader.TokenType switch
                {
                    JsonTokenType.True => JsonValueKind.True,
                    JsonTokenType.False => JsonValueKind.False,
                    _ => JsonValueKind.Null,
                };
                return new JsonPart(kind, Encoding.UTF8.GetString(reader.ValueSpan), line, []);
        }
    }

    private static List<(string Name, JsonPart Value)> Members(ref Utf8JsonReader reader, ReadOnlySpan<byte> content, string path)
    {
        var members = new List<(string Name, JsonPart Value)>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (members.Exists(member => member.Name == name))
                throw new InputException(path, LineOf(reader, content), name, "the key twice", "each key once");
            reader.Read();
            members.Add((name, Part(ref reader, content, path)));
        }

        return members;
    }

    private static List<(string Name, JsonPart Value)> Items(ref Utf8JsonReader reader, ReadOnlySpan<byte> content, string path)
    {
        var items = new List<(string Name, JsonPart Value)>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(($"[{items.Count}]", Part(ref reader, content, path)));
        return items;
    }

    private static long LineOf(in Utf8JsonReader reader, ReadOnlySpan<byte> content) => 1 + content[..(int)reader.TokenStartIndex].Count(LineFeed);
}
