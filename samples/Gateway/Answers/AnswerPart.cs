using System.Text.Json;
using LlmScheduling;

namespace Gateway;

/// <summary>What one JSON object of an answer says: an event of a stream, or the whole.</summary>
/// <param name="HasText">Whether it brings output.</param>
/// <param name="OutputTokens">Tokens of output so far, where it says.</param>
/// <param name="Finish">Why generation stopped; None where it has not.</param>
/// <param name="IsError">Whether it tells an error.</param>
internal readonly record struct AnswerPart(bool HasText, int? OutputTokens, FinishReason Finish, bool IsError)
{
    /// <summary>Reads one; null where it is no JSON object.</summary>
    public static AnswerPart? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            AnswerPart part = default;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                    part = part.With(ref reader);
            }

            return part;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private AnswerPart With(ref Utf8JsonReader reader)
    {
        bool isText = reader.ValueTextEquals("content"u8) || reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("reasoning_content"u8)
            || reader.ValueTextEquals("reasoning"u8) || reader.ValueTextEquals("arguments"u8) || reader.ValueTextEquals("refusal"u8);
        bool isFinish = reader.ValueTextEquals("finish_reason"u8);
        bool isCount = reader.ValueTextEquals("completion_tokens"u8);
        bool isError = reader.CurrentDepth == 1 && reader.ValueTextEquals("error"u8);
        reader.Read();
        if (isText && reader.TokenType == JsonTokenType.String && !reader.ValueTextEquals(""u8))
            return this with { HasText = true };
        if (isFinish && reader.TokenType == JsonTokenType.String)
            return this with { Finish = reader.ValueTextEquals("length"u8) ? FinishReason.Length : FinishReason.Stop };
        if (isCount && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int count) && count >= 0)
            return this with { OutputTokens = count };
        return isError && reader.TokenType != JsonTokenType.Null ? this with { IsError = true } : this;
    }
}
