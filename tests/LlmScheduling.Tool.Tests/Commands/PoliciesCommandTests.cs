using System.Text.Json;

namespace LlmScheduling.Tool.Tests;

public sealed class PoliciesCommandTests
{
    [Fact]
    public async Task Policies_List_HasEveryNameInEightyColumns()
    {
        using var tool = new ToolRun();
        Assert.Equal(ExitCode.Done, await tool.Run("policies"));
        Assert.All(PolicyCatalogue.Policies, entry => Assert.Contains($"  {entry.Name} ", tool.Output, StringComparison.Ordinal));
        Assert.All(PolicyCatalogue.Decorators, entry => Assert.Contains($"  {entry.Name} ", tool.Output, StringComparison.Ordinal));
        Assert.All(tool.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task Policies_Json_IsOneObjectWithParameters()
    {
        using var tool = new ToolRun();
        Assert.Equal(ExitCode.Done, await tool.Run("policies", "--json"));
        using JsonDocument json = JsonDocument.Parse(tool.Output);
        JsonElement starvation = json.RootElement.GetProperty("decorators").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "starvation");
        Assert.Equal(30, starvation.GetProperty("parameters")[0].GetProperty("default").GetDouble());
        Assert.Equal(PolicyCatalogue.Policies.Count, json.RootElement.GetProperty("policies").GetArrayLength());
    }

    [Fact]
    public async Task Policies_WithSeed_PrintsTheSame()
    {
        using var tool = new ToolRun();
        Assert.Equal(ExitCode.Done, await tool.Run("policies"));
        string without = tool.Output;
        using var seeded = new ToolRun();
        Assert.Equal(ExitCode.Done, await seeded.Run("policies", "--seed", "7"));
        Assert.Equal(without, seeded.Output);
    }
}
