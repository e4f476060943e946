using System.Text.Json;

namespace LlmScheduling.Tool.Tests;

/// <summary>Every scenario of the case collection, through the command line.</summary>
public sealed class CaseTests
{
    private static readonly string Folder = Path.Combine(SharedFolder.Find() ?? "no-such-folder", "cases");

    public static TheoryData<string> Cases => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "case.json", SearchOption.AllDirectories).Select(path => Path.GetFileName(Path.GetDirectoryName(path)!)).Order(StringComparer.Ordinal)]
        : ["no case"];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Simulate_Case_ComesOutAsExpected(string name)
    {
        Assert.SkipUnless(Directory.Exists(Folder), "No ../shared/cases beside the repository.");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name, "case.json")));
        JsonElement scenario = document.RootElement, expected = scenario.GetProperty("expected");
        string At(JsonElement file) => Path.GetFullPath(Path.Combine(Folder, name, file.GetString()!));
        string policy = scenario.GetProperty("policy").GetString()!;
        if (scenario.TryGetProperty("policy_options", out JsonElement options))
            policy += string.Concat(options.EnumerateObject().Select(option => $":{option.Name}={option.Value.GetRawText()}"));

        using var tool = new ToolRun();
        int exitCode = await tool.Run("simulate", "--trace", At(scenario.GetProperty("trace")), "--engine", At(scenario.GetProperty("engine")), "--policy", policy, "--out", ".", "--json");
        Assert.Equal("", tool.Error);
        Assert.Equal(ExitCode.Done, exitCode);

        Dictionary<string, string[]> rows = Rows(tool.Read($"{policy}.requests.csv"));
        Dictionary<string, string[]> times = Rows(File.ReadAllText(At(expected.GetProperty("timings"))));
        Assert.Equal(times.Keys.Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(times, row => Assert.Equal(row.Value[1..], rows[row.Key][2..4]));
        Assert.Equal(NotServed(expected), rows.Where(row => row.Value[5] != "completed").Select(row => $"{row.Key} {row.Value[5]}").Order(StringComparer.Ordinal));
        CheckOrder(expected, "first_token_order", id => long.Parse(rows[id][1]) + long.Parse(rows[id][2]));
        CheckOrder(expected, "completion_order", id => long.Parse(rows[id][1]) + long.Parse(rows[id][3]));

        using JsonDocument json = JsonDocument.Parse(tool.Output);
        JsonElement figures = json.RootElement.GetProperty("policies").GetProperty(policy);
        if (expected.TryGetProperty("preemptions", out JsonElement preemptions))
            Assert.Equal(preemptions.GetInt64(), figures.GetProperty("preemptions").GetInt64());
        Assert.Equal(rows.Values.Sum(row => long.Parse(row[7])), figures.GetProperty("preemptions").GetInt64());
    }

    private static Dictionary<string, string[]> Rows(string csv) =>
        csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.TrimEnd('\r').Split(',')).ToDictionary(row => row[0], StringComparer.Ordinal);

    private static IEnumerable<string> NotServed(JsonElement expected) => !expected.TryGetProperty("not_served", out JsonElement notServed) ? [] :
        notServed.EnumerateObject()
            .Select(one => $"{one.Name} {(one.Value.GetString() == "expired" ? "timed_out_in_queue" : one.Value.GetString())}")
            .Order(StringComparer.Ordinal);

    private static void CheckOrder(JsonElement expected, string name, Func<string, long> instant)
    {
        if (!expected.TryGetProperty(name, out JsonElement groups))
            return;
        long[][] instants = [.. groups.EnumerateArray().Select(group => group.EnumerateArray().Select(id => instant(id.GetString()!)).Distinct().ToArray())];
        Assert.All(instants, group => Assert.Single(group));
        Assert.Equal(instants.Select(group => group[0]).Distinct().Order(), instants.Select(group => group[0]));
    }
}
