using System.Text;
using System.Text.Json;

namespace Gateway.Tests;

public sealed class FleetTests
{
    [Fact]
    public async Task Models_AreThoseThatEveryUpstreamHas()
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync(), silent = await FakeUpstream.StartAsync();
        left.Models = """{"object":"list","data":[{"id":"a","owned_by":"us"},{"id":"b"},{"id":"c"}]}""";
        right.Models = """{"object":"list","data":[{"id":"c"},{"id":"a"},7,{"name":"d"}]}""";
        silent.Models = "no JSON";
        await using GatewayRig rig = await GatewayRig.StartAsync(left, right, silent);

        using JsonDocument list = JsonDocument.Parse(await rig.Client.GetStringAsync("/v1/models"));

        Assert.Equal("list", list.RootElement.GetProperty("object").GetString());
        Assert.Equal(["""{"id":"a","owned_by":"us"}""", """{"id":"c"}"""], list.RootElement.GetProperty("data").EnumerateArray().Select(model => model.GetRawText()));
    }

    [Fact]
    public async Task Health_TellsHowManyAreUp()
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(left, right);
        Assert.Equal("Healthy", await rig.Client.GetStringAsync("/healthz"));

        left.IsWell = false;
        await rig.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => !rig.Fleet.All[0].IsUp);

        Assert.Equal("Degraded", await rig.Client.GetStringAsync("/healthz"));
    }

    public static TheoryData<string, Action<object>> Wrong => new()
    {
        { "Gateway:Policy is fastest", options => Of(options).Policy = "fastest" },
        { "Gateway:Assignment is anywhere", options => Of(options).Assignment = "anywhere" },
        { "Gateway:Upstreams:0:Url is gpu1", options => Of(options).Upstreams[0].Url = new Uri("gpu1", UriKind.Relative) },
        { "Gateway:Upstreams:0:Url is missing", options => Of(options).Upstreams[0].Url = null! },
        { "Gateway:Upstreams:0:Seats is 0", options => Of(options).Upstreams[0].Seats = 0 },
        { "Gateway:Upstreams:0:KvTokens is -1", options => Of(options).KvTokens = -1 },
        { "Gateway:Upstreams is empty", options => Of(options).Upstreams.Clear() },
        { "Gateway:PriorityAging is 00:00:00", options => Of(options).PriorityAging = TimeSpan.Zero },
        { "Gateway:StallTimeout is 00:00:00", options => Of(options).StallTimeout = TimeSpan.Zero },
        { "Gateway:MaxAnswerBytes is -1", options => Of(options).MaxAnswerBytes = -1 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Setting_OutOfRange_IsRefusedAtStart(string says, Action<object> set)
    {
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(() => GatewayRig.StartAsync(set, [new Uri("http://127.0.0.1:1")]));

        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("largest-remaining-memory")]
    [InlineData("round-robin")]
    [InlineData("least-work")]
    [InlineData("earliest-predicted-finish")]
    public async Task Assignment_OfEveryName_UsesAllUpstreams(string assignment)
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.Assignment = assignment, left, right);

        Task<HttpResponseMessage>[] posted = [rig.PostAsync(GatewayRig.Chat()), rig.PostAsync(GatewayRig.Chat())];
        foreach (Arrival arrival in new[] { await left.NextAsync(), await right.NextAsync() })
            await arrival.StreamAsync("ok");

        Assert.All(await Task.WhenAll(posted), response => Assert.True(response.IsSuccessStatusCode));
        Assert.Equal(0, rig.Gate.AssignmentFaults);
    }

    [Fact]
    public async Task Demo_EndsByItself() => Assert.Equal(0, await GatewayDemo.RunAsync());

    [Fact]
    public async Task Metrics_TellOfTheQueueAndOfEachUpstream()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Script = arrival => arrival.StreamAsync("one", "two");
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        using (HttpResponseMessage response = await rig.PostAsync(GatewayRig.Chat()))
            await response.Content.ReadAsStringAsync();
        await rig.UntilFreeAsync(1);

        string[] lines = (await rig.Client.GetStringAsync("/metrics")).Split('\n');

        string name = upstream.Url.GetLeftPart(UriPartial.Authority);
        Assert.Contains($"gateway_upstream_up{{upstream=\"{name}\"}} 1", lines);
        Assert.Contains($"gateway_upstream_answers_total{{upstream=\"{name}\",result=\"ok\"}} 1", lines);
        Assert.Contains(lines, line => line.StartsWith("gen_ai_server_time_to_first_token_seconds_count", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("llm_scheduling_requests_total{", StringComparison.Ordinal) && line.Contains("completed", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_NameThePolicyInForce_AlsoAfterThePageHasSwitchedIt()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Script = arrival => arrival.StreamAsync("one", "two");
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        foreach (string policy in new[] { "fcfs", "aged-shortest-work" })
        {
            using HttpResponseMessage switched = await rig.Client.PostAsync("/scheduler/stack", new StringContent($$"""{"stack":"{{policy}}"}""", Encoding.UTF8, "application/json"));
            switched.EnsureSuccessStatusCode();
            using (HttpResponseMessage response = await rig.PostAsync(GatewayRig.Chat()))
                await response.Content.ReadAsStringAsync();
            await rig.UntilFreeAsync(1);
        }

        string[] lines = (await rig.Client.GetStringAsync("/metrics")).Split('\n');

        string[] ended = [.. lines.Where(line => line.StartsWith("llm_scheduling_requests_total{", StringComparison.Ordinal))];
        Assert.Equal(2, ended.Length);
        Assert.Contains("llm_scheduling_policy=\"aged-shortest-work\"", ended[0], StringComparison.Ordinal);
        Assert.Contains("llm_scheduling_policy=\"fcfs\"", ended[1], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.Contains("WatchedPolicy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_WithoutAQueue_ShowsWhoRuns_AlsoToWhoComesLater()
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => (options.Upstreams[0].Seats, options.Upstreams[1].Seats) = (2, 3), left, right);
        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await right.NextAsync();

        Assert.Contains("\"waiting\":0,\"running\":1,\"seats\":5,", await rig.Client.GetStringAsync("/scheduler/state"), StringComparison.Ordinal);
        Assert.Contains($"gateway_upstream_running{{upstream=\"{right.Url.GetLeftPart(UriPartial.Authority)}\"}} 1", (await rig.Client.GetStringAsync("/metrics")).Split('\n'));
        await arrival.StreamAsync("ok");
        (await posted).Dispose();
        await rig.UntilFreeAsync(6);
        Assert.Contains("\"waiting\":0,\"running\":0,\"seats\":5,", await rig.Client.GetStringAsync("/scheduler/state"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_SwitchesTheOrderOfThoseWhoWait()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        Assert.Contains("<html", await rig.Client.GetStringAsync("/scheduler"), StringComparison.Ordinal);
        Task<HttpResponseMessage> first = rig.PostAsync(GatewayRig.Chat());
        Arrival arrival = await upstream.NextAsync();
        Task<HttpResponseMessage> patient = rig.PostAsync(GatewayRig.Chat("patient"), 5);
        await rig.UntilQueuedAsync(1);
        Task<HttpResponseMessage> urgent = rig.PostAsync(GatewayRig.Chat("urgent"), 1);
        await rig.UntilQueuedAsync(2);

        using HttpResponseMessage switched = await rig.Client.PostAsync("/scheduler/stack", new StringContent("""{"stack":"priority"}""", Encoding.UTF8, "application/json"));
        Assert.Equal("""{"stack":"priority"}""", await switched.Content.ReadAsStringAsync());
        await arrival.StreamAsync("ok");

        foreach (string prompt in new[] { "urgent", "patient" })
        {
            Arrival next = await upstream.NextAsync();
            Assert.Equal(GatewayRig.Chat(prompt), next.Text);
            await next.StreamAsync("ok");
        }

        Assert.All(await Task.WhenAll(first, patient, urgent), response => Assert.True(response.IsSuccessStatusCode));
    }

    private static GatewayOptions Of(object options) => (GatewayOptions)options;
}
