using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI;

/// <summary>How chats become requests.</summary>
public sealed class SchedulingChatOptions
{
    private const int CharactersPerToken = 4;

    /// <summary>The prompt as rankers see it. Default: the text of all messages, one per line.</summary>
    public Func<IEnumerable<ChatMessage>, string> PromptOf { get; set; } = static messages => string.Join('\n', messages.Select(message => message.Text));

    /// <summary>Estimates the tokens of a text; what is less than 1 counts as 1 for a prompt. Default: one per four characters, rounded up.</summary>
    public Func<string, int> CountTokens { get; set; } = static text => (text.Length + CharactersPerToken - 1) / CharactersPerToken;

    /// <summary>The longest output where <see cref="ChatOptions.MaxOutputTokens"/> says none; 0 or more. Default: 1,024.</summary>
    public int DefaultMaxOutputTokens { get; set; } = 1_024;

    /// <summary>The most that a chat's properties may ask for; null: no limit, for a process that sets them itself. Default: null.</summary>
    public ClientLimits? Limits { get; set; }

    internal SchedulingChatOptions Frozen()
    {
        if (PromptOf is null || CountTokens is null)
            throw new ArgumentException($"SchedulingChatOptions.{(PromptOf is null ? nameof(PromptOf) : nameof(CountTokens))} is null; it must be a function.");
        if (DefaultMaxOutputTokens < 0)
            throw new ArgumentException(FormattableString.Invariant($"SchedulingChatOptions.DefaultMaxOutputTokens is {DefaultMaxOutputTokens}; it must be 0 or more."));
        return (SchedulingChatOptions)MemberwiseClone();
    }
}
