namespace LlmScheduling.Tool.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("fcf", "fcfs")]
    [InlineData("prioritty", "priority")]
    [InlineData("edff", "edf")]
    [InlineData("", "edf")]
    public void Of_Text_IsTheFewestEditsAway(string text, string nearest) => Assert.Equal(nearest, NearestName.Of(text, ["priority", "fcfs", "edf"]));
}
