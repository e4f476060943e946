using System.Globalization;
using System.Text.Json;

/// <summary>What a client asks for, as far as it can be understood; whatever cannot is an <see cref="ApiError"/> that names it.</summary>
internal sealed record ApiRequest
{
    private const int MostStops = 4, LongestStop = 256, MaxDepth = 32;

    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool", "function"];

    // What would change the answer, and is not done here, is refused and not ignored.
    private static readonly string[] NotDone = ["tools", "functions", "logprobs", "top_logprobs", "suffix", "echo", "best_of", "audio", "logit_bias", "frequency_penalty", "presence_penalty"];

    /// <summary>The messages of a chat; null for a plain completion.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; private init; }

    /// <summary>The prompt of a plain completion; empty for a chat.</summary>
    public string Prompt { get; private init; } = "";

    /// <summary>Most tokens to generate; null: not said.</summary>
    public int? MaxTokens { get; private init; }

    public bool Stream { get; private init; }

    public bool IncludeUsage { get; private init; }

    public IReadOnlyList<string> Stop { get; private init; } = [];

    public double Temperature { get; private init; }

    public double TopP { get; private init; }

    public long? Seed { get; private init; }

    /// <summary>Who pays.</summary>
    public string User { get; private init; } = "";

    /// <summary>Urgency; a lower value is more urgent.</summary>
    public int Priority { get; private init; }

    /// <summary>Reads the body.</summary>
    public static async Task<ApiRequest> ReadAsync(HttpRequest request, string model, bool isChat)
    {
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = MaxDepth }, request.HttpContext.RequestAborted);
            return body.RootElement.ValueKind == JsonValueKind.Object ? Read(body.RootElement, model, isChat) : throw ApiError.BadRequest("The body must be a JSON object.");
        }
        catch (JsonException fault)
        {
            throw ApiError.BadRequest($"The body is not JSON that can be read, at line {(fault.LineNumber + 1).ToString() ?? "?"}: objects and arrays may be {MaxDepth} deep.");
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which JSON can spell and text cannot hold.
            throw ApiError.BadRequest("A text of the body is not Unicode.");
        }
    }

    private static ApiRequest Read(JsonElement body, string model, bool isChat)
    {
        string asked = Text(body, "model") ?? throw ApiError.BadRequest("'model' is missing.", "model");
        if (asked != model)
            throw new ApiError(StatusCodes.Status404NotFound, $"There is no model '{Shortened(asked)}' here; there is '{model}'.", "invalid_request_error", "model_not_found", "model");
        if (NotDone.FirstOrDefault(name => IsAskedFor(body, name)) is { } other)
            throw ApiError.BadRequest($"'{other}' is not supported here.", other);
        if (Integer(body, "n", 1, int.MaxValue) > 1)
            throw ApiError.BadRequest("'n' is more than 1, which is not supported here.", "n");
        if (body.TryGetProperty("response_format", out JsonElement format) && !(format.ValueKind == JsonValueKind.Null || (format.ValueKind == JsonValueKind.Object && Text(format, "type") == "text")))
            throw ApiError.BadRequest("'response_format' must be {\"type\": \"text\"} here.", "response_format");
        return new ApiRequest
        {
            Messages = isChat ? MessagesOf(body) : null,
            Prompt = isChat ? "" : PromptOf(body),
            MaxTokens = Integer(body, "max_completion_tokens", 1, int.MaxValue) ?? Integer(body, "max_tokens", 1, int.MaxValue),
            Stream = Boolean(body, "stream"),
            IncludeUsage = body.TryGetProperty("stream_options", out JsonElement options) && options.ValueKind != JsonValueKind.Null
                && (options.ValueKind == JsonValueKind.Object ? Boolean(options, "include_usage") : throw ApiError.BadRequest("'stream_options' must be an object.", "stream_options")),
            Stop = StopOf(body),
            Temperature = Number(body, "temperature", 0, 2) ?? 1,
            TopP = Number(body, "top_p", 0, 1) ?? 1,
            Seed = Integer64(body, "seed"),
            User = Text(body, "user") ?? "",
            Priority = Integer(body, "priority", int.MinValue, int.MaxValue) ?? 0,
        };
    }

    private static List<ChatMessage> MessagesOf(JsonElement body)
    {
        if (!body.TryGetProperty("messages", out JsonElement messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
            throw ApiError.BadRequest("'messages' must be an array with at least one message.", "messages");
        List<ChatMessage> read = [];
        foreach (JsonElement message in messages.EnumerateArray())
        {
            string at = $"messages[{read.Count}]";
            if (message.ValueKind != JsonValueKind.Object)
                throw ApiError.BadRequest($"'{at}' must be an object.", at);
            string? role = Text(message, "role", at + ".role");
            if (!Roles.Contains(role))
                throw ApiError.BadRequest($"'{at}.role' must be one of {string.Join(", ", Roles)}.", at + ".role");
            read.Add(new ChatMessage(role!, ContentOf(message, at + ".content")));
        }

        return read;
    }

    private static string ContentOf(JsonElement message, string at)
    {
        if (!message.TryGetProperty("content", out JsonElement content) || content.ValueKind == JsonValueKind.Null)
            return "";
        if (content.ValueKind == JsonValueKind.String)
            return content.GetString()!;
        if (content.ValueKind != JsonValueKind.Array)
            throw ApiError.BadRequest($"'{at}' must be a string or an array of parts.", at);
        return string.Join('\n', content.EnumerateArray().Select(part =>
            part.ValueKind == JsonValueKind.Object && Text(part, "type", at) == "text" && Text(part, "text", at) is { } text
                ? text
                : throw ApiError.BadRequest($"Every part of '{at}' must be of type text.", at)));
    }

    private static string PromptOf(JsonElement body)
    {
        if (!body.TryGetProperty("prompt", out JsonElement prompt))
            throw ApiError.BadRequest("'prompt' is missing.", "prompt");
        if (prompt.ValueKind == JsonValueKind.Array && prompt.GetArrayLength() == 1)
            prompt = prompt[0];
        return prompt.ValueKind == JsonValueKind.String ? prompt.GetString()! : throw ApiError.BadRequest("'prompt' must be one string here.", "prompt");
    }

    private static string[] StopOf(JsonElement body)
    {
        if (!body.TryGetProperty("stop", out JsonElement stop) || stop.ValueKind == JsonValueKind.Null)
            return [];
        JsonElement[] all = stop.ValueKind == JsonValueKind.Array ? [.. stop.EnumerateArray()] : [stop];
        return all.Length <= MostStops && all.All(one => one.ValueKind == JsonValueKind.String && one.GetString()!.Length is > 0 and <= LongestStop)
            ? [.. all.Select(one => one.GetString()!)]
            : throw ApiError.BadRequest($"'stop' must be a string or up to {MostStops} strings, of 1 to {LongestStop} characters.", "stop");
    }

    private static bool IsAskedFor(JsonElement body, string name) =>
        body.TryGetProperty(name, out JsonElement value)
        && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
        && !(value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
        && !(value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == (name == "best_of" ? 1 : 0) && name != "logprobs");

    private static string? Text(JsonElement parent, string name, string? at = null) =>
        !parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw ApiError.BadRequest($"'{at ?? name}' must be a string.", at ?? name);

    private static bool Boolean(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw ApiError.BadRequest($"'{name}' must be true or false.", name),
        };

    private static int? Integer(JsonElement body, string name, int least, int most) =>
        !body.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least && number <= most ? number
        : throw ApiError.BadRequest($"'{name}' is {Shortened(value.GetRawText())}; it must be an integer from {least} to {most}.", name);

    private static long? Integer64(JsonElement body, string name) =>
        !body.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number
        : throw ApiError.BadRequest($"'{name}' must be an integer.", name);

    private static double? Number(JsonElement body, string name, double least, double most) =>
        !body.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= least && number <= most ? number
        : throw ApiError.BadRequest(string.Create(CultureInfo.InvariantCulture, $"'{name}' is {Shortened(value.GetRawText())}; it must be a number from {least} to {most}."), name);

    private static string Shortened(string text) => text.Length <= 64 ? text : text[..64] + "...";
}
