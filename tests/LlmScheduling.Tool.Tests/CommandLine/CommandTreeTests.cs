namespace LlmScheduling.Tool.Tests;

public sealed class CommandTreeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("simulat")]
    [InlineData("policies --jsn")]
    [InlineData("policies extra")]
    public async Task Run_BadUsage_IsOneLineAndExitCode2(string line)
    {
        using var tool = new ToolRun();
        Assert.Equal(ExitCode.BadInput, await tool.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.StartsWith("llmsched: ", Assert.Single(tool.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(tool.Output);
    }

    [Theory]
    [InlineData("--help", "policies")]
    [InlineData("policies --help", "--json")]
    [InlineData("simulate --help", "--workload")]
    public async Task Run_Help_GoesToOutput(string line, string mentioned)
    {
        using var tool = new ToolRun();
        Assert.Equal(ExitCode.Done, await tool.Run(line.Split(' ')));
        Assert.Contains(mentioned, tool.Output, StringComparison.Ordinal);
        Assert.All(tool.Output.Split('\n'), text => Assert.InRange(text.TrimEnd().Length, 0, 80));
        Assert.Empty(tool.Error);
    }
}
