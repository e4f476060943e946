using System.Text.Json;

namespace LlmScheduling.Tool.Tests.Simulating;

public sealed class InstancesTests
{
    public static TheoryData<string> Policies => [.. PolicyCatalogue.Policies.Where(entry => entry.Parameters.All(parameter => parameter.Default is not null)).Select(entry => entry.Name)];

    public static TheoryData<string> Assignments => ["central-queue", "round-robin", "least-work", "largest-memory", "earliest-finish"];

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Simulate_OneInstance_IsAsWithoutTheOption(string policy)
    {
        using var tool = new SimulateRun();
        string[] arguments = ["--policy", policy, "--load", "1.3", "--lengths", "noisy:0.6", "--slo", "slo.json", "--out"];
        Assert.Equal(ExitCode.Done, await tool.Simulate([.. arguments, "alone"]));
        Assert.Equal(ExitCode.Done, await tool.Simulate([.. arguments, "one", "--instances", "1", "--assignment", "least-work"]));
        Assert.Equal(tool.Read($"alone/{policy}.requests.csv"), tool.Read($"one/{policy}.requests.csv"));
    }

    [Theory]
    [MemberData(nameof(Assignments))]
    public async Task Simulate_ThreeInstances_SaysSoAndScalesTheLoad(string assignment)
    {
        using var tool = new SimulateRun();
        double one = await SaturatedAsync(tool, "1", assignment, 1);
        Assert.Equal(3 * one, await SaturatedAsync(tool, "3", assignment, 3), 9);
    }

    [Fact]
    public async Task Simulate_ThreeInstances_ReportsAndTable()
    {
        using var tool = new SimulateRun();
        Assert.Equal(ExitCode.Done, await tool.Simulate("--policy", "fcfs", "--instances", "3", "--load", "1", "--report", "page.html"));
        Assert.Contains("3 engines behind one queue, each: 4 seats", tool.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("3 engines behind one queue", tool.Read("page.html"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--instances", "0")]
    [InlineData("--instances", "1025")]
    [InlineData("--assignment", "random")]
    public async Task Simulate_NotAllowed_IsBadUsage(string option, string value)
    {
        using var tool = new SimulateRun();
        Assert.Equal(ExitCode.BadInput, await tool.Simulate("--policy", "fcfs", option, value));
        Assert.Contains(option, tool.Error, StringComparison.Ordinal);
        Assert.Contains(value, tool.Error, StringComparison.Ordinal);
    }

    private static async Task<double> SaturatedAsync(SimulateRun tool, string instances, string assignment, int expected)
    {
        Assert.Equal(ExitCode.Done, await tool.Simulate("--policy", "fcfs", "--load", "1", "--instances", instances, "--assignment", assignment, "--json"));
        using JsonDocument json = JsonDocument.Parse(tool.Output);
        JsonElement engine = json.RootElement.GetProperty("engine");
        Assert.Equal((expected, assignment), (engine.GetProperty("instances").GetInt32(), engine.GetProperty("assignment").GetString()));
        Assert.Equal(SimulateRun.Requests, json.RootElement.GetProperty("policies").GetProperty("fcfs").GetProperty("completed").GetInt32());
        return json.RootElement.GetProperty("trace").GetProperty("saturated_rps").GetDouble();
    }
}
