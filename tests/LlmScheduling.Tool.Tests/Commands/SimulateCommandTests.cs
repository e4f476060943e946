using System.Text.Json;

namespace LlmScheduling.Tool.Tests;

public sealed class SimulateCommandTests
{
    private static readonly string[] PolicyFields =
    [
        "completed", "queue_full", "unservable", "unattainable", "timed_out_in_queue", "displaced", "cancelled", "shut_down", "failed",
        "slo_attainment", "slo_attainment_by_class", "goodput_rps", "g",
        "mean_e2e_s", "p50_e2e_s", "p90_e2e_s", "p99_e2e_s",
        "mean_ttft_s", "p50_ttft_s", "p90_ttft_s", "p99_ttft_s",
        "mean_normalized_latency_s", "p50_normalized_latency_s", "p90_normalized_latency_s", "p99_normalized_latency_s",
        "max_wait_s", "preemptions", "steps", "simulated_s", "wall_s",
    ];

    [Fact]
    public async Task Simulate_Json_HasTheDocumentedFieldsAndNothingElseOnOutput()
    {
        using var tool = new SimulateRun();
        Assert.Equal(ExitCode.Done, await tool.Simulate("--policy", "fcfs", "--policy", "shortest-prompt-first+aging:factor=3", "--slo", "slo.json", "--json"));
        Assert.Empty(tool.Error);
        using JsonDocument json = JsonDocument.Parse(tool.Output);
        Assert.Equal(["trace", "engine", "policies"], json.RootElement.EnumerateObject().Select(one => one.Name));
        JsonElement policies = json.RootElement.GetProperty("policies");
        Assert.Equal(["fcfs", "shortest-prompt-first+aging:factor=3"], policies.EnumerateObject().Select(one => one.Name));
        Assert.All(policies.EnumerateObject(), policy => Assert.Equal(PolicyFields, policy.Value.EnumerateObject().Select(one => one.Name)));
        Assert.Equal(["chat", "code"], policies.GetProperty("fcfs").GetProperty("slo_attainment_by_class").EnumerateObject().Select(one => one.Name));
    }

    [Fact]
    public async Task Simulate_Table_FitsEightyColumns()
    {
        using var tool = new SimulateRun();
        Assert.Equal(ExitCode.Done, await tool.Simulate("--policy", "fcfs", "--policy", "priority,edf,shortest-prompt-first+aging+fair"));
        Assert.All(tool.Output.Split('\n'), line => Assert.InRange(line.TrimEnd('\r').Length, 0, 80));
        Assert.Contains("request-steps", tool.Output, StringComparison.Ordinal);
        Assert.Contains("priority,edf,shortest-prompt-first+aging+fair", tool.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_Twice_GivesTheSameBytesButForMeasuredTime()
    {
        using SimulateRun first = new(), second = new();
        string[] arguments = ["--policy", "fcfs", "--policy", "shortest-predicted-first", "--lengths", "noisy:0.5", "--load", "1.2", "--seed", "7", "--slo", "slo.json", "--out", "out"];
        Assert.Equal(ExitCode.Done, await first.Simulate(arguments));
        Assert.Equal(ExitCode.Done, await second.Simulate(arguments));
        Assert.Equal(first.Files(), second.Files());
        Assert.Equal(first.Read("out/fcfs.requests.csv"), second.Read("out/fcfs.requests.csv"));
        Assert.Equal(first.Read("out/shortest-predicted-first.requests.csv"), second.Read("out/shortest-predicted-first.requests.csv"));
        Assert.Equal(WithoutWallTime(first.Read("out/summary.json")), WithoutWallTime(second.Read("out/summary.json")));
    }

    [Fact]
    public async Task Simulate_OtherSeed_ShufflesNoise()
    {
        using SimulateRun first = new(), second = new();
        string[] arguments = ["--policy", "shortest-predicted-first", "--lengths", "noisy:0.5", "--rate", "60", "--out", "out", "--seed"];
        Assert.Equal(ExitCode.Done, await first.Simulate([.. arguments, "1"]));
        Assert.Equal(ExitCode.Done, await second.Simulate([.. arguments, "2"]));
        Assert.NotEqual(first.Read("out/shortest-predicted-first.requests.csv"), second.Read("out/shortest-predicted-first.requests.csv"));
    }

    [Fact]
    public async Task Simulate_Out_HoldsOneTablePerPolicyAndTheSummaryOfJson()
    {
        using var tool = new SimulateRun();
        Assert.Equal(ExitCode.Done, await tool.Simulate("--policy", "fcfs", "--policy", "edf,lcfs+fair", "--out", "new/folder", "--report", "page.html", "--json"));
        Assert.Equal(["engine.json", "new/folder/edf,lcfs+fair.requests.csv", "new/folder/fcfs.requests.csv", "new/folder/summary.json", "page.html", "slo.json", "trace.csv"], tool.Files());
        Assert.Equal(tool.Output, tool.Read("new/folder/summary.json"));
        string[] lines = tool.Read("new/folder/fcfs.requests.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("id,arrival_us,ttft_us,e2e_us,output_tokens,outcome,slo_met,preemptions", lines[0]);
        Assert.Equal(SimulateRun.Requests + 1, lines.Length);
    }

    [Fact]
    public async Task Simulate_RequestThatCannotFit_IsAnOutcome()
    {
        using var tool = new ToolRun();
        tool.Write("trace.csv", "id,arrival_us,input_tokens,output_tokens\nsmall,0,10,3\n\"too, big\",5,900,3\n");
        tool.Write("engine.json", """{"max_sequences": 2, "max_batch_tokens": 100, "kv_blocks": 4, "step_us": 1000}""");
        Assert.Equal(ExitCode.Done, await tool.Run("simulate", "--trace", "trace.csv", "--engine", "engine.json", "--policy", "fcfs", "--out", "."));
        Assert.Equal("id,arrival_us,ttft_us,e2e_us,output_tokens,outcome,slo_met,preemptions\nsmall,0,1000,3000,3,completed,,0\n\"too, big\",5,,,0,unservable,,0\n", tool.Read("fcfs.requests.csv"));
    }

    [Fact]
    public async Task Simulate_Slo_IsJudgedPerRequest()
    {
        using var tool = new ToolRun();
        tool.Write("trace.csv", "id,arrival_us,input_tokens,output_tokens,slo_class\na,0,10,3,chat\nb,0,10,3,chat\nc,0,10,3,other\n");
        tool.Write("engine.json", """{"max_sequences": 1, "max_batch_tokens": 100, "step_us": 1000}""");
        tool.Write("slo.json", """{"classes": {"chat": {"ttft_ms": 3.5}}, "default": null}""");
        Assert.Equal(ExitCode.Done, await tool.Run("simulate", "--trace", "trace.csv", "--engine", "engine.json", "--slo", "slo.json", "--policy", "fcfs", "--out", ".", "--json"));
        Assert.Equal(["1", "0", ""], tool.Read("fcfs.requests.csv").Split('\n')[1..4].Select(line => line.Split(',')[6]));
        using JsonDocument json = JsonDocument.Parse(tool.Output);
        Assert.Equal(0.5, json.RootElement.GetProperty("policies").GetProperty("fcfs").GetProperty("slo_attainment").GetDouble());
    }

    [Fact]
    public async Task Simulate_StandardInput_IsATrace()
    {
        using var tool = new ToolRun { Input = "arrival_s,input_tokens,output_tokens\n0,4,2\n0.5,4,2\n"u8.ToArray() };
        tool.Write("engine.json", SimulateRun.Engine);
        Assert.Equal(ExitCode.Done, await tool.Run("simulate", "--trace", "-=code", "--engine", "engine.json", "--policy", "fcfs", "--json"));
        using JsonDocument json = JsonDocument.Parse(tool.Output);
        Assert.Equal(2, json.RootElement.GetProperty("trace").GetProperty("classes").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Simulate_ReportToStandardOutput_IsThePageAlone()
    {
        using var tool = new SimulateRun();
        Assert.Equal(ExitCode.Done, await tool.Simulate("--policy", "fcfs", "--report", "-"));
        Assert.StartsWith("<!DOCTYPE html>", tool.Output, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", tool.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_LimitAndRate_ShapeTheTrace()
    {
        using var tool = new SimulateRun();
        Assert.Equal(ExitCode.Done, await tool.Simulate("--policy", "fcfs", "--limit", "5", "--rate", "2", "--json"));
        using JsonDocument json = JsonDocument.Parse(tool.Output);
        Assert.Equal(5, json.RootElement.GetProperty("trace").GetProperty("requests").GetInt32());
        Assert.Equal(2, json.RootElement.GetProperty("trace").GetProperty("rate_rps").GetDouble(), 0.01);
    }

    private static string WithoutWallTime(string json) => string.Join('\n', json.Split('\n').Where(line => !line.Contains("\"wall_s\"", StringComparison.Ordinal)));
}
