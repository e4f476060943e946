namespace LlmScheduling;

/// <summary>Prices one request in server-seconds: its prefill, its decode steps, and its share of the steps' fixed cost.</summary>
/// <param name="Step">Seconds per step.</param>
/// <param name="PrefillToken">Seconds per prefill token.</param>
/// <param name="DecodeSequence">Seconds per decode sequence and step.</param>
/// <param name="ContextToken">Seconds per token of decode context and step.</param>
/// <param name="TokenBoundShare">Share of recent steps, 0 to 1, in which tokens and not seats ran out.</param>
public readonly record struct WorkModel(double Step, double PrefillToken, double DecodeSequence, double ContextToken, double TokenBoundShare)
{
    /// <summary>Server-seconds of a request with <paramref name="input"/> prompt and <paramref name="output"/> output tokens; the default model counts tokens instead.</summary>
    public double Seconds(double input, double output, BatchLimits limits) =>
        this == default
            ? input + output
            : PrefillToken * input
                + output * (DecodeSequence + ContextToken * (input + output / 2))
                + Step * (TokenBoundShare * (input + output) / Math.Max(1, limits.MaxBatchTokens)
                    + (1 - TokenBoundShare) * output / Math.Max(1, limits.MaxSequences));
}
