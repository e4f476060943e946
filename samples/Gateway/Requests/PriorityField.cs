using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway;

/// <summary>Writes the field <c>priority</c> into a JSON object, and leaves every other byte as it is.</summary>
internal static class PriorityField
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The object with that priority: in place of each that it has, or else before its first field.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static byte[] Write(ReadOnlySpan<byte> body, int priority)
    {
        int start = body.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        var reader = new Utf8JsonReader(body[start..]);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The body must be a JSON object.");

        int afterBrace = start + (int)reader.BytesConsumed, copied = 0, fields = 0;
        using var written = new MemoryStream(body.Length + 32);
        string value = priority.ToString(CultureInfo.InvariantCulture);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            fields++;
            bool isPriority = reader.ValueTextEquals("priority"u8);
            reader.Read();
            int from = start + (int)reader.TokenStartIndex;
            reader.Skip();
            if (!isPriority)
                continue;
            written.Write(body[copied..from]);
            written.Write(Encoding.ASCII.GetBytes(value));
            copied = start + (int)reader.BytesConsumed;
        }

        if (copied == 0)
        {
            written.Write(body[..afterBrace]);
            written.Write(Encoding.ASCII.GetBytes($"\"priority\":{value}{(fields > 0 ? "," : "")}"));
            copied = afterBrace;
        }

        written.Write(body[copied..]);
        return written.ToArray();
    }
}
