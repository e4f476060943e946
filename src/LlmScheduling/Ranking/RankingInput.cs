namespace LlmScheduling;

/// <summary>What a ranker may read of one request.</summary>
/// <param name="Id">The request.</param>
/// <param name="Prompt">Its prompt's text; never empty when the scheduler asks.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="MaxOutputTokens">Most tokens that may be generated.</param>
/// <param name="TrafficClass">The kind of traffic.</param>
public readonly record struct RankingInput(RequestId Id, ReadOnlyMemory<char> Prompt, int PromptTokens, int MaxOutputTokens, string TrafficClass);
