using LlmScheduling.Simulation;

namespace LlmScheduling.Tool.Tests;

public sealed class LengthsArgumentTests
{
    [Fact]
    public void Parse_KnownNames_AreUnderstood()
    {
        Assert.Same(LengthKnowledge.Oracle, LengthsArgument.Parse(null));
        Assert.Same(LengthKnowledge.Oracle, LengthsArgument.Parse("oracle"));
        Assert.Same(LengthKnowledge.ClassMean, LengthsArgument.Parse("class-mean"));
        Assert.Equal(0.6, LengthsArgument.Parse("noisy:0.6").Tau);
    }

    [Theory]
    [InlineData("noisy")]
    [InlineData("noisy:")]
    [InlineData("noisy:0")]
    [InlineData("noisy:1.1")]
    [InlineData("noisy:NaN")]
    [InlineData("ranker:R.ranker")]
    public void Parse_AnythingElse_IsRefused(string text) => Assert.Throws<InputException>(() => LengthsArgument.Parse(text));
}
