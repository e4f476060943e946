namespace LlmScheduling;

/// <summary>The budgets of one step.</summary>
/// <param name="MaxBatchTokens">Most tokens that one step processes.</param>
/// <param name="MaxSequences">Most requests that run at once (seats).</param>
public readonly record struct BatchLimits(int MaxBatchTokens, int MaxSequences);
