namespace LlmScheduling.Testing;

/// <summary>A law about a ranker and one batch.</summary>
internal abstract class RankerLaw(string name, string statement)
{
    public Law Law { get; } = new(name, statement);

    /// <summary>What is wrong, in one line; null when the law holds. <paramref name="twin"/> was made as <paramref name="ranker"/> was.</summary>
    public abstract string? ViolationIn(PromptBatch batch, IRequestRanker ranker, IRequestRanker twin);

    protected static float[] ScoresOf(IRequestRanker ranker, IReadOnlyList<string> prompts, CancellationToken cancellationToken = default)
    {
        RankingInput[] inputs = [.. prompts.Select((prompt, place) => new RankingInput(new RequestId(place), prompt.AsMemory(), 1 + prompt.Length / 4, 1_024, ""))];
        var scores = new float[inputs.Length];
        Array.Fill(scores, float.NaN);
        ranker.RankAsync(inputs, scores, cancellationToken).AsTask().WaitAsync(RankerLaws.Patience, TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
        return scores;
    }
}
