namespace LlmScheduling;

/// <summary>What a step's duration depends on.</summary>
/// <param name="DecodeSequences">Requests that decode.</param>
/// <param name="PrefillTokens">Prompt (or recomputed) tokens processed.</param>
/// <param name="ContextTokens">Sum of the decode requests' context lengths.</param>
/// <param name="PrefillAttention">Sum over prefill chunks of chunk x (context before it + chunk / 2).</param>
public readonly record struct BatchShape(int DecodeSequences, int PrefillTokens, long ContextTokens, double PrefillAttention);
