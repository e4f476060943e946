using System.Text.Encodings.Web;
using System.Text;
using System.Text.Json;

namespace LlmScheduling.Tool;

/// <summary>Writes one JSON object, indented, with a line feed at its end.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The bytes of what <paramref name="write"/> writes.</summary>
    public static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
            write(json);
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>Writes what <paramref name="write"/> writes to <paramref name="output"/>.</summary>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> write) => output.Write(Encoding.UTF8.GetString(Bytes(write)));

    /// <summary>Writes a number, and null for what is unknown or not finite.</summary>
    public static void WriteNumber(Utf8JsonWriter json, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumberValue(number);
        else
            json.WriteNullValue();
    }
}
