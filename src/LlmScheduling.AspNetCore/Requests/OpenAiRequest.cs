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
        long tokenIds = body.TryGetProperty("messages", out JsonElement messages)
            ? AddMessages(messages, prompt)
            : AddInput(body.TryGetProperty("prompt", out JsonElement input) || body.TryGetProperty("input", out input) ? input : default, prompt);
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
        foreach (JsonElement message in messages.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object)
                throw new BadHttpRequestException("Every one of 'messages' must be an object.");
            if (message.TryGetProperty("content", out JsonElement content))
                AddContent(content, prompt);
        }

        return 0;
    }

    private static void AddContent(JsonElement content, StringBuilder prompt)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                Add(content.GetString()!, prompt);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement part in content.EnumerateArray())
                {
                    if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String)
                        Add(text.GetString()!, prompt);
                }

                break;
            case JsonValueKind.Null:
                break;
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

    private static int? Integer(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw new BadHttpRequestException($"'{name}' must be an integer of 32 bits.");
    }
}
