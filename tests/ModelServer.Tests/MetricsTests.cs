using System.Globalization;
using System.Text.RegularExpressions;
using LlmScheduling;

namespace ModelServerTests;

public sealed partial class MetricsTests
{
    [Fact]
    public async Task Metrics_AreInPrometheusTextForm_AndCountWhatWasServed()
    {
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { Promises = new Dictionary<string, ServiceLevelObjective> { ["chat"] = new() { EndToEnd = TimeSpan.FromHours(1) } } }, runsFreely: true);
        for (int i = 0; i < 3; i++)
            (await rig.PostAsync(ServerRig.Chat("count to 3"), trafficClass: "chat")).Dispose();
        await ServerRig.UntilAsync(() => rig.Ends.All.Count == 3);
        using HttpResponseMessage response = await rig.Client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(Line(), line));
        Assert.Equal(3, Value(lines, "llm_scheduling_requests_total", "outcome=\"completed\""));
        Assert.Equal(3, Value(lines, "llm_scheduling_slo_attainment_total", "met=\"true\""));
        Assert.Equal(3, Value(lines, "gen_ai_server_time_to_first_token_seconds_count", "policy=\"fcfs\""));
        Assert.Equal(3, Value(lines, "gen_ai_server_time_to_first_token_seconds_bucket", "le=\"+Inf\""));
        Assert.Equal(0, Value(lines, "llm_scheduling_queue_length", ""));
        Assert.True(Value(lines, "model_server_scheduling_time_seconds_total", "") > 0);
        Assert.True(Value(lines, "process_cpu_time_seconds_total", "") > 0);
        string[] types = [.. lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
        Assert.Equal(types.Distinct(), types);
    }

    [Fact]
    public async Task Buckets_CountUpwards_AndEndWithAll()
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        await rig.AskAsync(ServerRig.Chat("count to 3"));
        string[] lines = (await rig.Client.GetStringAsync("/metrics")).Split('\n');
        double[] buckets = [.. lines.Where(line => line.StartsWith("gen_ai_server_request_duration_seconds_bucket", StringComparison.Ordinal)).Select(line => ValueOf(line))];
        Assert.Equal(15, buckets.Length);
        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal(1, buckets[^1]);
    }

    [Fact]
    public async Task Metrics_OfAnotherServerInTheProcess_AreNotCounted()
    {
        await using ServerRig one = await ServerRig.StartAsync(runsFreely: true);
        await using ServerRig other = await ServerRig.StartAsync(runsFreely: true);
        await other.AskAsync(ServerRig.Chat("count to 3"));
        Assert.DoesNotContain("llm_scheduling_requests_total{", await one.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private static double Value(string[] lines, string name, string label) =>
        ValueOf(lines.Single(line => line.StartsWith(name + "{", StringComparison.Ordinal) ? line.Contains(label, StringComparison.Ordinal) : label.Length == 0 && line.StartsWith(name + " ", StringComparison.Ordinal)));

    private static double ValueOf(string line) => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);

    [GeneratedRegex("""^(# (HELP|TYPE) [a-z_:]+ .+|[a-z_:]+(\{([a-z_]+="[^"]*",?)+\})? [0-9.E+-]+)$""")]
    private static partial Regex Line();
}
