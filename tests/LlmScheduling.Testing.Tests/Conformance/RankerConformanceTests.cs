namespace LlmScheduling.Testing.Tests;

/// <summary>Every ranker of the repository keeps every law.</summary>
public sealed class RankerConformanceTests
{
    private static readonly LoggedResponse[] Log =
    [
        .. Enumerable.Range(0, 300).Select(i => new LoggedResponse($"{(i % 3 == 0 ? "Write a long story about" : i % 3 == 1 ? "Explain why" : "Tell me in one single word or number what is meant by")} {i * 37 % 101} 東京 def f(x)".AsMemory(), i % 3 == 0 ? 400 + i : i % 3 == 1 ? 150 + i : 10 + i % 7)),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PromptFeatureRanker_Trained_KeepsTheLaws(bool isSmall) => RankerLaws.Check(() => Train(isSmall));

    [Fact]
    public void PromptFeatureRanker_ByPromptLength_KeepsTheLaws() => RankerLaws.Check(() => PromptFeatureRanker.ByPromptLength);

    [Fact]
    public void DelegateRanker_OfARanker_KeepsTheLaws() => RankerLaws.Check(() => new DelegateRanker(Train(isSmall: true).RankAsync));

    [Fact]
    public void RankerInForce_OfWhatWasLearntOnLine_KeepsTheLaws() => RankerLaws.Check(() =>
    {
        using var trainer = new OnlineRankerTrainer();
        foreach (LoggedResponse row in Log)
            trainer.Learn(row);
        Assert.IsType<PromptFeatureRanker>(trainer.Ranker.Current);
        return trainer.Ranker;
    });

    [Fact]
    public void HttpScoringRanker_OfAServiceThatScores_KeepsTheLaws() =>
        RankerLaws.Check(() => new HttpScoringRanker(new HttpClient(new LengthService()), new Uri("http://ranker.test/score_batch"), new HttpScoringRankerOptions { MaxBatch = 3 }));

    [Fact]
    public async Task PromptFeatureRanker_Trained_ScoresTheSameOnEveryMachine() =>
        Assert.Equal("86be605864c7bb58", await RankerLaws.FingerprintAsync(Train(isSmall: false), TestContext.Current.CancellationToken));

    private static PromptFeatureRanker Train(bool isSmall)
    {
        PromptFeatureRanker ranker = new PromptRankerTrainer(new PromptRankerTrainerOptions { IsSmall = isSmall }).Train(Log);
        Assert.Equal(RankerKind.Learned, ranker.Card.Kind);
        return ranker;
    }
}
