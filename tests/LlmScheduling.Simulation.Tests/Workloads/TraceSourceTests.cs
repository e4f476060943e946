namespace LlmScheduling.Simulation.Tests.Workloads;

public sealed class TraceSourceTests
{
    [Theory]
    [InlineData("a.csv", "a.csv", null)]
    [InlineData("a.csv=chat", "a.csv", "chat")]
    [InlineData("-=chat", "-", "chat")]
    [InlineData("day=1/a.csv", "day=1/a.csv", null)]
    [InlineData("day=1/a.csv.gz=code", "day=1/a.csv.gz", "code")]
    public void Parse_PathAndClass_AreDividedAtTheLastEqualsSign(string text, string path, string? trafficClass) =>
        Assert.Equal(new TraceSource(path, trafficClass), TraceSource.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("=chat")]
    [InlineData("a.csv=")]
    public void Parse_EmptyPart_IsRefused(string text) => Assert.Throws<InputException>(() => TraceSource.Parse(text));
}
