using LlmScheduling.Simulation;

namespace ModelServerTests;

public sealed class DemoTests
{
    [Fact]
    public async Task Demo_OnASmallLoad_TellsTheSameOnThePageAndInMetrics()
    {
        var command = CommandLine.Parse(["--demo", "--speed", "1000"]);
        var load = new Workload("small", DemoLoad.For(command.Engine).Requests.Take(40).Select(request => request with { ArrivedAt = TimeSpan.Zero, OutputTokens = Math.Min(20, request.OutputTokens) }));
        using var output = new StringWriter();

        Assert.Equal(0, await Demo.RunAsync(command, load, output));

        string[] lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries);
        string[] kept = Cells(lines, "objectives kept"), told = Cells(lines, "say page and /metrics");
        Assert.Equal(2, kept.Length);
        Assert.Equal([kept[0] + ",", kept[0], kept[1] + ",", kept[1]], told);
        Assert.Equal(2, Cells(lines, "says the simulator").Length);
        Assert.Contains(lines, line => line.StartsWith("answered to the end", StringComparison.Ordinal) && line.EndsWith("40 of 40", StringComparison.Ordinal));
    }

    /// <summary>The shares of a row.</summary>
    private static string[] Cells(string[] lines, string row) =>
        lines.Single(line => line.StartsWith(row, StringComparison.Ordinal))[row.Length..].Replace(" %", "%", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
