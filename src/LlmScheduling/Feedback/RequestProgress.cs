namespace LlmScheduling;

/// <summary>What a step added to one request.</summary>
/// <param name="Id">The request; it must be in the step's plan.</param>
/// <param name="ComputedTokens">Tokens whose KV was added, 0 or more; may exceed the planned tokens (a cached prefix was found) up to what was left.</param>
/// <param name="EmittedTokens">Output tokens added, 0 or more; 1 or more from the step that computes the last of the tokens that are left, unless it finishes or asks for no output; may exceed 1 (speculative decoding).</param>
/// <param name="Finish">Why it stopped; <see cref="FinishReason.None"/> while it goes on.</param>
public readonly record struct RequestProgress(RequestId Id, int ComputedTokens, int EmittedTokens, FinishReason Finish = FinishReason.None);
