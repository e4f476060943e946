namespace LlmScheduling.Tool.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("fcf", "fcfs")]
    [InlineData("prioritty", "priority")]
    [InlineData("edff", "edf")]
    [InlineData("prio", "priority")]
    [InlineData("", null)]
    [InlineData("sjf", null)]
    public void Of_Text_IsTheNameThatFewEditsMake(string text, string? nearest) => Assert.Equal(nearest, NearestName.Of(text, ["priority", "fcfs", "edf"]));
}
