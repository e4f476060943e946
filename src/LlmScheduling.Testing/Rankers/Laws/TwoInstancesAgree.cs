namespace LlmScheduling.Testing;

internal sealed class TwoInstancesAgree() : RankerLaw("TwoInstancesAgree", "Two rankers that are made alike give the same scores.")
{
    public override string? ViolationIn(PromptBatch batch, IRequestRanker ranker, IRequestRanker twin)
    {
        float[] one = ScoresOf(ranker, batch.Prompts), other = ScoresOf(twin, batch.Prompts);
        int at = Enumerable.Range(0, one.Length).FirstOrDefault(i => !one[i].Equals(other[i]), -1);
        return at < 0 ? null : $"Prompt {at} got {one[at]} and {other[at]}.";
    }
}
