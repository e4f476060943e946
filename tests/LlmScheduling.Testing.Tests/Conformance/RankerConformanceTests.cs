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
    public async Task PromptFeatureRanker_Trained_ScoresTheSameOnEveryMachine() =>
        Assert.Equal("2495cd773a9fd2b4", await RankerLaws.FingerprintAsync(Train(isSmall: false), TestContext.Current.CancellationToken));

    private static PromptFeatureRanker Train(bool isSmall)
    {
        PromptFeatureRanker ranker = new PromptRankerTrainer(new PromptRankerTrainerOptions { IsSmall = isSmall }).Train(Log);
        Assert.Equal(RankerKind.Learned, ranker.Card.Kind);
        return ranker;
    }
}
