using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class ConformalLengthPredictorTests
{
    private const double UpperZ = 1.2815515655446004;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Predict_StreamThatChanges_CoversNineInTenAgainWithinFiveHundred(bool hasInner)
    {
        PromptFeatureRanker ranker = new PromptRankerTrainer().Train(SampleLog.Of(400));
        var predictor = new ConformalLengthPredictor(hasInner ? ranker : null);
        var random = new MoveRandom(3);
        LoggedResponse[] before = SampleLog.Of(1_000, seed: 4);
        LoggedResponse[] after = [.. SampleLog.Of(1_000, seed: 5).Select(row => row with { ResponseTokens = 300 + 5 * row.ResponseTokens / (1 + random.NextBelow(3)) })];
        bool[] isCovered = Stream(predictor, ranker, [.. before, .. after], out LengthEstimate last);

        Assert.InRange(Share(isCovered[100..600]), 0.87, 0.93);
        Assert.InRange(Share(isCovered[500..1_000]), 0.87, 0.93);
        Assert.InRange(Share(isCovered[1_500..]), 0.87, 0.93);
        Assert.True(last.Median > 300, $"{last}");
    }

    [Fact]
    public void Predict_UnrankedRequests_AreAsLongAsAllWereLately()
    {
        var predictor = new ConformalLengthPredictor();
        var estimates = new LengthEstimate[1];
        var random = new MoveRandom(8);
        for (int i = 0; i < 400; i++)
        {
            predictor.OnRequestEnded(Ended("x", 100 + random.NextBelow(100), float.NaN));
            predictor.Predict([Input("x")], [float.NaN], estimates);
        }

        Assert.InRange(estimates[0].Median, 130, 170);
        Assert.InRange(estimates[0].Quantile(UpperZ), 175, 215);
    }

    [Fact]
    public void Predict_BeforeAnythingEnded_IsTheOtherPredictorsOrUnknown()
    {
        PromptFeatureRanker ranker = new PromptRankerTrainer().Train(SampleLog.Of(200));
        float score = ranker.Score("Explain rain and Mars, number 5.");
        LengthEstimate[] alone = new LengthEstimate[1], inner = new LengthEstimate[1];
        new ConformalLengthPredictor().Predict([Input("x")], [score], alone);
        new ConformalLengthPredictor(ranker).Predict([Input("x")], [score], inner);

        Assert.False(alone[0].IsKnown);
        Assert.Equal(ranker.PredictLength(score).Median, inner[0].Median, 0.01f);
        Assert.Equal(ranker.PredictLength(score).LogSpread, inner[0].LogSpread, 0.01f);
    }

    [Fact]
    public void Predict_AboveTheLimit_IsTheLimit()
    {
        PromptFeatureRanker ranker = new PromptRankerTrainer().Train(SampleLog.Of(200));
        var estimates = new LengthEstimate[1];
        new ConformalLengthPredictor(ranker).Predict([Input("x", limit: 3)], [ranker.Score("Write a story about rain and Mars, number 5.")], estimates);

        Assert.Equal(3, estimates[0].Median);
    }

    [Fact]
    public void OnRequestEnded_LimitBelowTheQuantile_MovesNothing()
    {
        var track = new QuantileTrack(0.1);
        var estimate = new LengthEstimate(100, 1);
        for (int i = 0; i < 50; i++)
            track.Observe(estimate, 90, 90);
        Assert.Equal(100, track.Correct(estimate).Median, 0.01f);
        track.Observe(estimate, 5_000, 10_000);

        Assert.True(track.Correct(estimate).Median > 100);
        Assert.True(track.Correct(estimate).Quantile(UpperZ) > estimate.Quantile(UpperZ));
    }

    [Fact]
    public void OnRequestEnded_ManyWithoutAPrediction_KeepsTheNewestOnly()
    {
        var predictor = new ConformalLengthPredictor();
        for (int i = 0; i < 20_000; i++)
            predictor.OnRequestEnded(Ended("x", i < 10_000 ? 10 : 1_000, 1));
        var estimates = new LengthEstimate[1];
        predictor.Predict([Input("x")], [1], estimates);

        Assert.Equal(1_000, estimates[0].Median, 100.0f);
    }

    private static bool[] Stream(ConformalLengthPredictor predictor, PromptFeatureRanker ranker, LoggedResponse[] rows, out LengthEstimate last)
    {
        bool[] isCovered = new bool[rows.Length];
        var estimates = new LengthEstimate[1];
        for (int i = 0; i < rows.Length; i++)
        {
            float score = ranker.Score(rows[i].Prompt.Span);
            predictor.Predict([Input(rows[i].Prompt.ToString())], [score], estimates);
            isCovered[i] = rows[i].ResponseTokens <= estimates[0].Quantile(UpperZ);
            predictor.OnRequestEnded(Ended(rows[i].Prompt.ToString(), rows[i].ResponseTokens, score));
        }

        last = estimates[0];
        return isCovered;
    }

    private static double Share(bool[] values) => values.Count(value => value) / (double)values.Length;

    private static RankingInput Input(string prompt, int limit = 100_000) => new(new RequestId(0), prompt.AsMemory(), 1, limit, "");

    private static EndedRequest Ended(string prompt, int tokens, float score) => new(
        new RequestId(0),
        new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 100_000, Prompt = prompt.AsMemory() },
        RequestOutcome.Completed,
        FinishReason.Stop,
        SloTargets.BestEffort,
        TimeSpan.Zero,
        TimeSpan.Zero,
        TimeSpan.Zero,
        TimeSpan.Zero,
        tokens,
        0,
        score);
}
