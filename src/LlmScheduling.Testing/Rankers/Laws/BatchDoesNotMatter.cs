namespace LlmScheduling.Testing;

internal sealed class BatchDoesNotMatter() : RankerLaw("BatchDoesNotMatter", "Which prompts are scored together, and in what order, does not change their order.")
{
    /// <summary>Batched arithmetic may differ in the last bits: scores this close, relative to all, are not told apart.</summary>
    private const float Noise = 1e-3f;

    public override string? ViolationIn(PromptBatch batch, IRequestRanker ranker, IRequestRanker twin)
    {
        float[] together = ScoresOf(ranker, batch.Prompts);
        float[] alone = [.. batch.Prompts.Select(prompt => ScoresOf(ranker, [prompt])[0])];
        float[] reversed = ScoresOf(ranker, [.. batch.Prompts.Reverse()]);
        Array.Reverse(reversed);
        return Contradiction(together, alone, "alone") ?? Contradiction(together, reversed, "in a batch the other way round");
    }

    private static string? Contradiction(float[] together, float[] other, string where)
    {
        float noise = Noise * Math.Max(together.Select(Math.Abs).Max(), 1e-6f);
        for (int i = 0; i < together.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (together[i] - together[j] > noise != other[i] - other[j] > noise && Math.Abs(together[i] - together[j] - (other[i] - other[j])) > noise)
                    return $"Prompts {j} and {i} score {together[j]} and {together[i]} together, {other[j]} and {other[i]} {where}.";
            }
        }

        return null;
    }
}
