namespace LlmScheduling;

/// <summary>A prompt that was answered, to learn from.</summary>
/// <param name="Prompt">The prompt's text, as the ranker will see it.</param>
/// <param name="ResponseTokens">Tokens of the answer; 0 or more.</param>
/// <param name="IsTruncated">Whether the answer was cut off at a limit (<see cref="FinishReason.Length"/>): it is then known to be longer than that, and nothing else.</param>
/// <param name="At">When; needed for <see cref="RankerSplit.Time"/> only.</param>
public readonly record struct LoggedResponse(ReadOnlyMemory<char> Prompt, int ResponseTokens, bool IsTruncated = false, DateTimeOffset? At = null);
