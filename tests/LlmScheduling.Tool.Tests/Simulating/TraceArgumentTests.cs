using LlmScheduling.Simulation;

namespace LlmScheduling.Tool.Tests;

public sealed class TraceArgumentTests
{
    [Theory]
    [InlineData("t.csv", "t.csv", null)]
    [InlineData("t.csv=code", "t.csv", "code")]
    [InlineData("a=b.csv", "a=b.csv", null)]
    [InlineData("a=b.csv=chat", "a=b.csv", "chat")]
    [InlineData("c=d.csv", "c", "d.csv")]
    public void Parse_EqualsSigns_DivideOnlyWhatIsNoFile(string text, string path, string? trafficClass)
    {
        using var tool = new ToolRun();
        tool.Write("t.csv", "");
        tool.Write("a=b.csv", "");
        var host = new ToolHost { Output = TextWriter.Null, Error = TextWriter.Null, OpenInput = () => Stream.Null, WorkingDirectory = tool.Folder };
        Assert.Equal(new TraceSource(tool.At(path), trafficClass), TraceArgument.Parse(text, host));
    }

    [Fact]
    public void Parse_Dash_StaysStandardInput()
    {
        var host = new ToolHost { Output = TextWriter.Null, Error = TextWriter.Null, OpenInput = () => Stream.Null, WorkingDirectory = "/" };
        Assert.Equal(new TraceSource("-", "code"), TraceArgument.Parse("-=code", host));
    }
}
