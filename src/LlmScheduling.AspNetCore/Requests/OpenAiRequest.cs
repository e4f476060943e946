using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace LlmScheduling.AspNetCore;

/// <summary>Reads what an OpenAI-compatible body asks for: chat completions, completions, embeddings.</summary>
internal static class OpenAiRequest
{
    private const int CharactersPerToken = 4;
    private const int UsualMaxOutputTokens = 1_024;

    public static async ValueTask<InferenceRequest> DescribeAsync(HttpContext context)
    {
        using JsonDocument document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        JsonElement body = document.RootElement;
        if (body.ValueKind != JsonValueKind.Object)
            throw new BadHttpRequestException("The body must be a JSON object.");

        var prompt = new StringBuilder();
        long tokenIds = TryGet(body, "messages", out JsonElement messages)
            ? AddMessages(messages, prompt)
            : AddInput(TryGet(body, "prompt", out JsonElement input) || TryGet(body, "input", out input) ? input : default, prompt);
        return new InferenceRequest
        {
            Prompt = prompt.ToString().AsMemory(),
            PromptTokens = (int)Math.Min(int.MaxValue, (prompt.Length + CharactersPerToken - 1) / CharactersPerToken + tokenIds),
            MaxOutputTokens = Integer(body, "max_completion_tokens") ?? Integer(body, "max_tokens") ?? UsualMaxOutputTokens,
            Priority = Integer(body, "priority") ?? 0,
            Tenant = context.User.Identity is { IsAuthenticated: true, Name: { } name } ? name : "",
        };
    }

    private static long AddMessages(JsonElement messages, StringBuilder prompt)
    {
        if (messages.ValueKind != JsonValueKind.Array)
            throw new BadHttpRequestException("'messages' must be an array.");
        bool hasOtherParts = false;
        foreach (JsonElement message in messages.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object)
                throw new BadHttpRequestException("Every one of 'messages' must be an object.");
            if (message.TryGetProperty("content", out JsonElement content))
                hasOtherParts |= AddContent(content, prompt);
        }

        // An image alone is no empty prompt; what it costs beside text only the model knows.
        return hasOtherParts && prompt.Length == 0 ? 1 : 0;
    }

    /// <summary>Adds the text of a message, and returns whether it has parts that are none.</summary>
    private static bool AddContent(JsonElement content, StringBuilder prompt)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                Add(content.GetString()!, prompt);
                return false;
            case JsonValueKind.Array:
                bool hasOtherParts = false;
                foreach (JsonElement part in content.EnumerateArray())
                {
                    if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String)
                        Add(text.GetString()!, prompt);
                    else
                        hasOtherParts = true;
                }

                return hasOtherParts;
            case JsonValueKind.Null:
                return false;
            default:
                throw new BadHttpRequestException("'content' of a message must be a string or an array of parts.");
        }
    }

    /// <summary>Adds text, and returns how many token ids stand in its place: a prompt may be either, or an array of either.</summary>
    private static long AddInput(JsonElement input, StringBuilder prompt)
    {
        switch (input.ValueKind)
        {
            case JsonValueKind.String:
                Add(input.GetString()!, prompt);
                return 0;
            case JsonValueKind.Number:
                return 1;
            case JsonValueKind.Array:
                long tokenIds = 0;
                foreach (JsonElement part in input.EnumerateArray())
                    tokenIds += AddInput(part, prompt);
                return tokenIds;
            default:
                throw new BadHttpRequestException("The body must have 'messages', 'prompt' or 'input', of text or of token ids.");
        }
    }

    private static void Add(string text, StringBuilder prompt)
    {
        if (prompt.Length > 0)
            prompt.Append('\n');
        prompt.Append(text);
    }

    /// <summary>A null is as good as nothing: many clients write every field.</summary>
    private static bool TryGet(JsonElement body, string name, out JsonElement value) =>
        body.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private static int? Integer(JsonElement body, string name)
    {
        if (!TryGet(body, name, out JsonElement value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw new BadHttpRequestException($"'{name}' must be an integer of 32 bits.");
    }
}
