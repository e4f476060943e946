using LlmScheduling.Simulation;

namespace LlmScheduling.Tool.Tests;

public sealed class LengthsArgumentTests
{
    [Fact]
    public void Parse_KnownNames_AreUnderstood()
    {
        Assert.Same(LengthKnowledge.Oracle, Parse(null));
        Assert.Same(LengthKnowledge.Oracle, Parse("oracle"));
        Assert.Same(LengthKnowledge.ClassMean, Parse("class-mean"));
        Assert.Equal(0.6, Parse("noisy:0.6").Tau);
    }

    [Theory]
    [InlineData("noisy")]
    [InlineData("noisy:")]
    [InlineData("noisy:0")]
    [InlineData("noisy:1.1")]
    [InlineData("noisy:NaN")]
    [InlineData("ranker:")]
    [InlineData("ranker:R.ranker")]
    public void Parse_AnythingElse_IsRefused(string text) => Assert.Throws<InputException>(() => Parse(text));

    [Fact]
    public void Parse_RankerByPromptLength_IsThat() => Assert.Same(PromptFeatureRanker.ByPromptLength, Parse("ranker:prompt-length").Ranker);

    [Fact]
    public void Parse_Online_StartsEveryReplayFromNothing()
    {
        Func<OnlineRankerTrainer> learner = Parse("online").Learner!;
        using OnlineRankerTrainer one = learner(), other = learner();
        Assert.NotSame(one, other);
        Assert.Same(RankerInForce.Unranked, one.Ranker.Current);
    }

    private static LengthKnowledge Parse(string? text) => LengthsArgument.Parse(
        text, new ToolHost { Output = TextWriter.Null, Error = TextWriter.Null, OpenInput = () => Stream.Null, WorkingDirectory = AppContext.BaseDirectory });
}
