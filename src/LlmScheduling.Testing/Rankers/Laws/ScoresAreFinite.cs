namespace LlmScheduling.Testing;

internal sealed class ScoresAreFinite() : RankerLaw("ScoresAreFinite", "Every prompt, however long and in whatever script, gets a finite score; an empty batch is no error.")
{
    public override string? ViolationIn(PromptBatch batch, IRequestRanker ranker, IRequestRanker twin)
    {
        ScoresOf(ranker, []);
        float[] scores = ScoresOf(ranker, batch.Prompts);
        int at = Array.FindIndex(scores, score => !float.IsFinite(score));
        return at < 0 ? null : $"Prompt {at} got {scores[at]}.";
    }
}
