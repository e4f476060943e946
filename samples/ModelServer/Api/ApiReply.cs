using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using LlmScheduling;

/// <summary>Writes one answer in the shapes of the OpenAI API, whole or piece by piece.</summary>
internal sealed class ApiReply
{
    private static readonly byte[] Done = "data: [DONE]\n\n"u8.ToArray();

    private readonly bool _isChat;
    private readonly string _head;
    private readonly byte[] _beforeText;
    private readonly byte[] _afterText;

    /// <param name="isChat">A chat completion, or a plain one.</param>
    /// <param name="id">The request's number.</param>
    /// <param name="model">The model.</param>
    /// <param name="created">Seconds since 1970.</param>
    public ApiReply(bool isChat, long id, string model, long created)
    {
        _isChat = isChat;
        string kind = !isChat ? "text_completion" : "chat.completion";
        _head = $"\"id\":\"{(isChat ? "chatcmpl" : "cmpl")}-{id}\",\"created\":{created},\"model\":{JsonSerializer.Serialize(model)},\"object\":\"{kind}";
        _beforeText = Encoding.UTF8.GetBytes($"data: {{{_head}{Suffix}\",\"choices\":[{{\"index\":0,\"logprobs\":null,\"finish_reason\":null,{(isChat ? "\"delta\":{\"content\":" : "\"text\":")}");
        _afterText = Encoding.UTF8.GetBytes(isChat ? "}}]}\n\n" : "}]}\n\n");
    }

    private string Suffix => _isChat ? ".chunk" : "";

    /// <summary>The first event of a streamed chat, which says who speaks.</summary>
    public void WriteRole(PipeWriter writer)
    {
        if (_isChat)
            Write(writer, $"data: {{{_head}{Suffix}\",\"choices\":[{{\"index\":0,\"logprobs\":null,\"finish_reason\":null,\"delta\":{{\"role\":\"assistant\",\"content\":\"\"}}}}]}}\n\n");
    }

    /// <summary>A piece of text as an event.</summary>
    public void WriteText(PipeWriter writer, string text)
    {
        writer.Write(_beforeText);
        writer.Write(JsonSerializer.SerializeToUtf8Bytes(text));
        writer.Write(_afterText);
    }

    /// <summary>The events that end a stream: why it stopped, what was used if asked for, and that it is done.</summary>
    public void WriteEnd(PipeWriter writer, Generation generation, bool includeUsage)
    {
        string empty = _isChat ? "\"delta\":{}" : "\"text\":\"\"";
        Write(writer, $"data: {{{_head}{Suffix}\",\"choices\":[{{\"index\":0,\"logprobs\":null,\"finish_reason\":\"{Reason(generation)}\",{empty}}}]}}\n\n");
        if (includeUsage)
            Write(writer, $"data: {{{_head}{Suffix}\",\"choices\":[],{Usage(generation)}}}\n\n");
        writer.Write(Done);
    }

    /// <summary>The event of a stream that ends without having been completed.</summary>
    public static void WriteError(PipeWriter writer, ApiError error) => Write(writer, $"data: {error.ToJson()}\n\n");

    /// <summary>The whole answer.</summary>
    public string Whole(string text, Generation generation)
    {
        string content = JsonSerializer.Serialize(text);
        string said = _isChat ? $"\"message\":{{\"role\":\"assistant\",\"content\":{content},\"refusal\":null}}" : $"\"text\":{content}";
        return $"{{{_head}\",\"choices\":[{{\"index\":0,{said},\"logprobs\":null,\"finish_reason\":\"{Reason(generation)}\"}}],{Usage(generation)}}}";
    }

    private static string Reason(Generation generation) => generation.Finish == FinishReason.Length ? "length" : "stop";

    private static string Usage(Generation generation) =>
        $"\"usage\":{{\"prompt_tokens\":{generation.PromptTokens},\"completion_tokens\":{generation.Emitted},\"total_tokens\":{generation.PromptTokens + generation.Emitted}}}";

    private static void Write(PipeWriter writer, string text) => Encoding.UTF8.GetBytes(text, writer);
}
