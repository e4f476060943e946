namespace LlmScheduling.Testing;

internal sealed class EqualPromptsGetEqualScores() : RankerLaw("EqualPromptsGetEqualScores", "A prompt has one score: the same twice in a batch, and the same when it is asked again.")
{
    public override string? ViolationIn(PromptBatch batch, IRequestRanker ranker, IRequestRanker twin)
    {
        float[] doubled = ScoresOf(ranker, [.. batch.Prompts, .. batch.Prompts]);
        float[] again = ScoresOf(ranker, [.. batch.Prompts, .. batch.Prompts]);
        for (int i = 0; i < batch.Prompts.Count; i++)
        {
            if (!doubled[i].Equals(doubled[i + batch.Prompts.Count]))
                return $"Prompt {i} stands in a batch twice and got {doubled[i]} and {doubled[i + batch.Prompts.Count]}.";
            if (!doubled[i].Equals(again[i]))
                return $"Prompt {i} got {doubled[i]} and, asked again, {again[i]}.";
        }

        return null;
    }
}
