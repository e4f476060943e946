using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class PromptFeatureRankerTests
{
    private static readonly PromptFeatureRanker Ranker = new PromptRankerTrainer().Train(SampleLog.Of(400));

    [Fact]
    public void Score_ManyThreadsAtOnce_IsTheSame()
    {
        LoggedResponse[] rows = SampleLog.Of(2_000, seed: 5);
        float[] alone = [.. rows.Select(row => Ranker.Score(row.Prompt.Span))];
        var together = new float[rows.Length];
        Parallel.For(0, rows.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => together[i] = Ranker.Score(rows[i].Prompt.Span));
        Assert.Equal(alone, together);
    }

    [Fact]
    public void Score_LongPrompt_ReadsBothEndsAndTheWholeLength()
    {
        string middle = new('b', 20_000), longer = new('b', 30_000), start = string.Concat(Enumerable.Repeat("Explain ", 600)), end = string.Concat(Enumerable.Repeat(" story.", 700));
        Assert.Equal(Ranker.Score(start + middle + end), Ranker.Score(start + middle.Replace('b', 'c') + end));
        Assert.NotEqual(Ranker.Score(start + middle + end), Ranker.Score(start + longer + end));
        Assert.NotEqual(Ranker.Score(start + middle + end), Ranker.Score(start.Replace("Explain", "Compare", StringComparison.Ordinal) + middle + end));
    }

    [Fact]
    public void ByPromptLength_LongerPrompt_ScoresHigher()
    {
        Assert.True(PromptFeatureRanker.ByPromptLength.Score("ab") > PromptFeatureRanker.ByPromptLength.Score("a"));
        Assert.True(PromptFeatureRanker.ByPromptLength.Score(new string('a', 8_001)) > PromptFeatureRanker.ByPromptLength.Score(new string('a', 8_000)));
        Assert.False(PromptFeatureRanker.ByPromptLength.PredictsLengths);
        Assert.False(PromptFeatureRanker.ByPromptLength.PredictLength(1).IsKnown);
    }

    [Fact]
    public void PredictLength_HigherScore_IsNeverShorter()
    {
        double median = 0;
        for (float score = -5; score < 5; score += 0.1f)
        {
            LengthEstimate estimate = Ranker.PredictLength(score);
            Assert.True(estimate.IsKnown && estimate.Median >= median);
            median = estimate.Median;
        }

        Assert.False(Ranker.PredictLength(float.NaN).IsKnown);
    }

    [Fact]
    public void PredictLength_NewAnswersOfTheSameKind_AreCoveredNineTimesInTen()
    {
        LoggedResponse[] rows = SampleLog.Of(2_000, seed: 77);
        double covered = rows.Count(row => row.ResponseTokens <= Ranker.PredictLength(Ranker.Score(row.Prompt.Span)).Quantile(1.2816));
        Assert.InRange(covered / rows.Length, 0.86, 0.95);
    }

    [Fact]
    public void Predict_LongerThanAllowed_IsWhatIsAllowed()
    {
        var estimates = new LengthEstimate[2];
        var input = new RankingInput(new RequestId(1), "Write a story about Mars".AsMemory(), 6, 10, "");
        Ranker.Predict([input, input], [Ranker.Score(input.Prompt.Span), float.NaN], estimates);
        Assert.Equal(10, estimates[0].Median);
        Assert.False(estimates[1].IsKnown);
    }

    [Fact]
    public async Task RankAsync_CancelledToken_IsCancelled() =>
        await Assert.ThrowsAsync<TaskCanceledException>(async () =>
            await Ranker.RankAsync(new RankingInput[1], new float[1], new CancellationToken(canceled: true)));
}
