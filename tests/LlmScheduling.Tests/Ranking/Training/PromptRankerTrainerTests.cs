using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class PromptRankerTrainerTests
{
    [Theory]
    [InlineData(RankerLoss.RankNet)]
    [InlineData(RankerLoss.Margin)]
    [InlineData(RankerLoss.ListMle)]
    [InlineData(RankerLoss.Pointwise)]
    public void Train_EachLoss_OrdersPromptsItHasNotSeen(RankerLoss loss)
    {
        PromptFeatureRanker ranker = new PromptRankerTrainer(new PromptRankerTrainerOptions { Loss = loss }).Train(SampleLog.Of(500));
        Assert.Equal(RankerKind.Learned, ranker.Card.Kind);
        Assert.Equal(loss, ranker.Card.Loss);
        Assert.True(TauOn(SampleLog.Of(500, seed: 9), ranker) > 0.75);
    }

    [Fact]
    public void Train_SameSeed_GivesTheSameBytes()
    {
        Assert.Equal(Bytes(1), Bytes(1));
        Assert.NotEqual(Bytes(1), Bytes(2));

        static byte[] Bytes(ulong seed)
        {
            using var stream = new MemoryStream();
            new PromptRankerTrainer(new PromptRankerTrainerOptions { Seed = seed }).Train(SampleLog.Of(300)).Write(stream);
            return stream.ToArray();
        }
    }

    [Fact]
    public void Train_LengthOfThePromptDecides_FallsBackToIt()
    {
        var random = new MoveRandom(1);
        LoggedResponse[] rows = [.. Enumerable.Range(1, 150).Select(i => new LoggedResponse(Noise(ref random, i).AsMemory(), i))];
        Assert.Equal(RankerKind.PromptLength, new PromptRankerTrainer().Train(rows).Card.Kind);
        Assert.Equal(RankerKind.ReversedPromptLength, new PromptRankerTrainer().Train([.. rows.Select(row => row with { ResponseTokens = 200 - row.ResponseTokens })]).Card.Kind);

        static string Noise(ref MoveRandom random, int length)
        {
            var text = new char[length];
            for (int i = 0; i < length; i++)
                text[i] = (char)('!' + random.NextBelow(90));
            return new string(text);
        }
    }

    [Fact]
    public void Train_NothingToLearn_StaysFiniteAndSaysSo()
    {
        PromptFeatureRanker ranker = new PromptRankerTrainer().Train([.. SampleLog.Of(60).Select(row => row with { ResponseTokens = 7 })]);
        Assert.Equal(double.NaN, ranker.Card.TauB);
        Assert.True(float.IsFinite(ranker.Score("anything")));
    }

    [Fact]
    public void Train_TruncatedAnswers_AreNotTakenForShort()
    {
        // Stories are cut off at 40 tokens: taken for whole answers they would stand below explanations.
        LoggedResponse[] rows = [.. SampleLog.Of(800).Select(row => row.Prompt.Span.StartsWith("Write") ? row with { ResponseTokens = 40, IsTruncated = true } : row)];
        PromptFeatureRanker ranker = new PromptRankerTrainer().Train(rows), deceived = new PromptRankerTrainer().Train([.. rows.Select(row => row with { IsTruncated = false })]);
        LoggedResponse[] unseen = SampleLog.Of(500, seed: 9);
        Assert.True(TauOn(unseen, ranker) > TauOn(unseen, deceived) + 0.05);
        Assert.Equal(rows.Count(row => row.IsTruncated), ranker.Card.TruncatedRows);
    }

    [Fact]
    public void Train_PromptManyTimes_CountsItOnce()
    {
        LoggedResponse[] rows = SampleLog.Of(100);
        Assert.Equal(100, new PromptRankerTrainer().Train([.. rows, .. rows, .. rows]).Card.Rows);
    }

    [Fact]
    public void Train_SplitByTime_ValidatesOnTheNewest()
    {
        // From one day on, lengths are reversed: only a split by time can see it.
        LoggedResponse[] rows = [.. SampleLog.Of(500).Select((row, i) => i < 400 ? row : row with { ResponseTokens = 1_000 - row.ResponseTokens })];
        PromptRankerCard byTime = new PromptRankerTrainer(new PromptRankerTrainerOptions { Split = RankerSplit.Time }).Train(rows).Card, byHash = new PromptRankerTrainer().Train(rows).Card;
        Assert.Equal(RankerKind.ReversedPromptLength, byTime.Kind);
        Assert.Equal(RankerKind.Learned, byHash.Kind);
        Assert.Equal((rows[0].At, rows[^1].At), (byHash.From, byHash.To));
    }

    [Fact]
    public void Train_BadInput_IsRefused()
    {
        LoggedResponse[] rows = SampleLog.Of(30);
        Assert.Throws<ArgumentException>(() => new PromptRankerTrainer().Train(rows[..(PromptRankerTrainer.LeastPrompts - 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PromptRankerTrainer().Train([.. rows, new LoggedResponse("x".AsMemory(), -1)]));
        Assert.Throws<ArgumentException>(() => new PromptRankerTrainer(new PromptRankerTrainerOptions { Split = RankerSplit.Time }).Train([.. rows.Select(row => row with { At = null })]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PromptRankerTrainer(new PromptRankerTrainerOptions { MinGap = 1 }).Train(rows));
        Assert.Throws<OperationCanceledException>(() => new PromptRankerTrainer().Train(rows, new CancellationToken(canceled: true)));
    }

    private static double TauOn(LoggedResponse[] rows, PromptFeatureRanker ranker) =>
        KendallTau.TauB([.. rows.Select(row => (double)row.ResponseTokens)], [.. rows.Select(row => (double)ranker.Score(row.Prompt.Span))]);
}
