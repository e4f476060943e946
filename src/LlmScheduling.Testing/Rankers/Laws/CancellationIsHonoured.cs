namespace LlmScheduling.Testing;

internal sealed class CancellationIsHonoured() : RankerLaw("CancellationIsHonoured", "With a cancelled token a ranker ends, as cancelled or done, and works as before afterwards.")
{
    public override string? ViolationIn(PromptBatch batch, IRequestRanker ranker, IRequestRanker twin)
    {
        float[] before = ScoresOf(ranker, batch.Prompts);
        try
        {
            ScoresOf(ranker, batch.Prompts, new CancellationToken(canceled: true));
        }
        catch (OperationCanceledException)
        {
        }

        float[] after = ScoresOf(ranker, batch.Prompts);
        return before.AsSpan().SequenceEqual(after) ? null : $"Scores were [{string.Join(", ", before)}] and are [{string.Join(", ", after)}] after a cancelled call.";
    }
}
