namespace LlmScheduling.Simulation;

/// <summary>One run of a benchmark: a batch of equal prompts was prefilled in one step, then decoded in lockstep.</summary>
internal readonly record struct ProfileRow(string Hardware, int PromptTokens, int Batch, int OutputTokens, double PrefillSeconds, double TokenSeconds)
{
    /// <summary>What a prefill's duration depends on; runs that differ in the output only tell the same of it.</summary>
    public (string Hardware, int PromptTokens, int Batch) PrefillConfiguration => (Hardware, PromptTokens, Batch);

    public BatchShape Prefill => new(0, PromptTokens * Batch, 0, 0.5 * Batch * PromptTokens * PromptTokens);

    /// <summary>The decode step half-way.</summary>
    public BatchShape Decode => new(Batch, 0, (long)(Batch * (PromptTokens + 0.5 * OutputTokens)), 0);

    public bool HasTokenTime => OutputTokens > 1;

    public double EndToEndSeconds => PrefillSeconds + (OutputTokens - 1) * TokenSeconds;
}
