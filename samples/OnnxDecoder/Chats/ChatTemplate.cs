using LlmScheduling;

namespace OnnxDecoder;

/// <summary>How a chat becomes a prompt. Model folders hold a Jinja program for it; these are the layouts that most of them amount to.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="BeforeRole">What opens a message.</param>
/// <param name="AfterRole">What stands between the speaker and what is said.</param>
/// <param name="AfterContent">What closes a message.</param>
/// <param name="End">The token by which the model ends its own; null: none of its own.</param>
internal sealed record ChatTemplate(string Name, string BeforeRole, string AfterRole, string AfterContent, string? End)
{
    /// <summary>Qwen, SmolLM, Yi, and others.</summary>
    public static readonly ChatTemplate ChatMl = new("chatml", "<|im_start|>", "\n", "<|im_end|>\n", "<|im_end|>");

    public static readonly ChatTemplate Llama3 = new("llama-3", "<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>", "<|eot_id|>");

    /// <summary>For models that were trained on no chats.</summary>
    public static readonly ChatTemplate Plain = new("plain", "", ":\n", "\n", null);

    private static readonly ChatTemplate[] All = [ChatMl, Llama3, Plain];

    /// <summary>The one of this name; without a name the first one whose marks are tokens of the vocabulary.</summary>
    /// <exception cref="InputException">There is none of this name.</exception>
    public static ChatTemplate Choose(string? name, BytePairTokenizer tokenizer) =>
        name is null
            ? All.First(template => template.End is null || tokenizer.IdOf(template.End) is not null)
            : All.FirstOrDefault(template => template.Name == name) ?? throw new InputException("OnnxDecoder", null, "--chat", name, string.Join(", ", All.Select(template => template.Name)));

    /// <summary>The messages, and the beginning of the answer. Marks in what is said are marks: whoever may write messages may write any.</summary>
    public string Write(IEnumerable<ChatMessage> messages) =>
        string.Concat(messages.Select(message => Opening(message.Role) + message.Content + AfterContent)) + Opening("assistant");

    private string Opening(string role) => BeforeRole + (role == "developer" ? "system" : role) + AfterRole;
}
