using System.Globalization;
using System.Text.Json;

namespace LlmScheduling;

/// <summary>A ranker's card as JSON.</summary>
internal static class PromptRankerCardJson
{
    public static byte[] Write(PromptRankerCard card)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("kind", card.Kind.ToString());
            json.WriteString("model", card.ModelName);
            json.WriteString("loss", card.Loss.ToString());
            json.WriteNumber("rows", card.Rows);
            json.WriteNumber("truncated_rows", card.TruncatedRows);
            if (card.From is { } from)
                json.WriteString("from", from.ToString("O", CultureInfo.InvariantCulture));
            if (card.To is { } to)
                json.WriteString("to", to.ToString("O", CultureInfo.InvariantCulture));
            WriteFigure(json, "tau_b", card.TauB);
            WriteFigure(json, "standard_error", card.StandardError);
            WriteFigure(json, "prompt_length_tau_b", card.PromptLengthTauB);
            json.WriteNumber("seed", card.Seed);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <exception cref="InputException">It is no card.</exception>
    public static PromptRankerCard Read(ReadOnlySpan<byte> bytes, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes.ToArray());
            JsonElement root = document.RootElement;
            return new PromptRankerCard
            {
                Kind = Enum.Parse<RankerKind>(root.GetProperty("kind").GetString()!),
                ModelName = root.GetProperty("model").GetString()!,
                Loss = Enum.Parse<RankerLoss>(root.GetProperty("loss").GetString()!),
                Rows = root.GetProperty("rows").GetInt32(),
                TruncatedRows = root.GetProperty("truncated_rows").GetInt32(),
                From = Time(root, "from"),
                To = Time(root, "to"),
                TauB = Figure(root, "tau_b"),
                StandardError = Figure(root, "standard_error"),
                PromptLengthTauB = Figure(root, "prompt_length_tau_b"),
                Seed = root.GetProperty("seed").GetUInt64(),
            };
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or ArgumentException or FormatException or InvalidOperationException)
        {
            throw new InputException(name, null, "card", "what is no card", PromptRankerFile.Allowed);
        }
    }

    private static void WriteFigure(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
    }

    private static double Figure(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetDouble() : double.NaN;

    private static DateTimeOffset? Time(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetDateTimeOffset() : null;
}
