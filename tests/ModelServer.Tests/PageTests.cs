using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LlmScheduling;

namespace ModelServerTests;

public sealed class PageTests
{
    [Fact]
    public async Task Page_IsOneFile_WithoutAnythingFromElsewhere()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        using HttpResponseMessage response = await rig.Client.GetAsync("/scheduler");
        string page = await response.Content.ReadAsStringAsync();
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "scheduler.example")]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    public async Task Page_WithoutToken_IsForThisMachineUnderItsOwnName(string header, string value)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        foreach (string path in new[] { "/scheduler", "/scheduler/state", "/scheduler/events" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(header, value);
            using HttpResponseMessage response = await rig.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Fact]
    public async Task Page_WithToken_IsForWhoShowsIt()
    {
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { PageToken = "open sesame" });
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.Client.GetAsync("/scheduler")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.Client.GetAsync("/scheduler?token=open")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await rig.Client.GetAsync("/scheduler?token=open%20sesame")).StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/scheduler/stack") { Content = JsonContent.Create(new { stack = "slo" }) };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer open sesame");
        Assert.Equal(HttpStatusCode.OK, (await rig.Client.SendAsync(request)).StatusCode);
        Assert.Equal("slo", rig.Scheduler.Stack.Name);
    }

    [Fact]
    public async Task Switch_IsInForceFromTheNextStep_WhileAStreamGoesOn()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        rig.Engine.Allow();
        using HttpResponseMessage streaming = await rig.PostAsync(ServerRig.Chat("count to 3", stream: true));
        Assert.Equal(HttpStatusCode.OK, (await rig.Client.PostAsJsonAsync("/scheduler/stack", new { stack = "slo" })).StatusCode);
        rig.Engine.RunFreely();
        using EventStream events = await EventStream.OfAsync(streaming);
        Assert.Equal("[DONE]", (await events.RestAsync())[^1]);
        string metrics = await rig.Client.GetStringAsync("/metrics");
        Assert.Contains("llm_scheduling_requests_total{llm_scheduling_component=\"scheduler\",llm_scheduling_policy=\"slo\",llm_scheduling_outcome=\"completed\"} 1", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"stack": "none"}""", "application/json", 400)]
    [InlineData("""{}""", "application/json", 400)]
    [InlineData("""{"stack": 5}""", "application/json", 400)]
    [InlineData("""{"stack": "slo"}""", "text/plain", 415)]
    [InlineData("stack=slo", "application/x-www-form-urlencoded", 415)]
    public async Task Switch_ThatIsNone_ChangesNothing(string body, string type, int expected)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        using HttpResponseMessage response = await rig.Client.PostAsync("/scheduler/stack", new StringContent(body, Encoding.UTF8, type));
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal("fcfs", rig.Scheduler.Stack.Name);
    }

    [Fact]
    public async Task Events_ShowWhoWaits_WhyWhoGotASeat_AndWhatWasKept()
    {
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { Promises = new Dictionary<string, ServiceLevelObjective> { ["chat"] = new() { EndToEnd = TimeSpan.FromHours(1) } } },
            capacity => capacity.MaxSequences = 1);
        using HttpResponseMessage page = await rig.Client.GetAsync("/scheduler/events", HttpCompletionOption.ResponseHeadersRead);
        using EventStream events = await EventStream.OfAsync(page);
        JsonElement first = JsonDocument.Parse((await events.NextAsync())!).RootElement;
        Assert.Equal(["fcfs", "slo"], first.GetProperty("stacks").EnumerateArray().Select(stack => stack.GetString()!));
        Task<HttpResponseMessage>[] asked = [.. Enumerable.Range(0, 3).Select(_ => rig.PostAsync(ServerRig.Chat("count to 4"), trafficClass: "chat"))];

        // The step that is allowed plans for all three: nobody comes after it.
        await ServerRig.UntilAsync(() => rig.Engine.Seen.Count == 1 && rig.Scheduler.EstimateWait().RequestsAhead == 2);
        rig.Engine.Allow();
        JsonElement busy = await UntilAsync(events, state => state.GetProperty("waiting").GetInt32() == 2 && state.GetProperty("running").GetInt32() == 1);
        Assert.Equal(1, busy.GetProperty("seats").GetInt32());
        rig.Engine.RunFreely();
        JsonElement done = await UntilAsync(events, state => state.GetProperty("outcomes").TryGetProperty("completed", out JsonElement completed) && completed.GetInt32() == 3);
        JsonElement row = done.GetProperty("attainment")[0];
        Assert.Equal(("fcfs", "chat", 3, 3), (row.GetProperty("stack").GetString(), row.GetProperty("trafficClass").GetString(), row.GetProperty("met").GetInt32(), row.GetProperty("ended").GetInt32()));
        Assert.Equal((0, 0), (done.GetProperty("waiting").GetInt32(), done.GetProperty("running").GetInt32()));
        JsonElement decision = done.GetProperty("decisions").EnumerateArray().First(shown => shown.GetProperty("what").GetString()!.Contains("got a seat", StringComparison.Ordinal));
        Assert.Contains("place 1 of", decision.GetProperty("why").GetString(), StringComparison.Ordinal);
        await Task.WhenAll(asked);
    }

    [Fact]
    public async Task State_WithoutAnybodyWhoLooks_ShowsWhoRuns()
    {
        await using ServerRig rig = await ServerRig.StartAsync(capacity: capacity => capacity.MaxSequences = 1);
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage>[] asked = [.. Enumerable.Range(0, 2).Select(_ => rig.PostAsync(ServerRig.Chat("count without end", maxTokens: 900_000_000), caller: caller.Token))];
        rig.Engine.RunFreely();
        await ServerRig.UntilAsync(() => rig.Engine.Steps > 2 && rig.Scheduler.EstimateWait().RequestsAhead == 1);

        Assert.Contains("\"waiting\":1,\"running\":1,\"seats\":1,", await rig.Client.GetStringAsync("/scheduler/state"), StringComparison.Ordinal);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(asked));
    }

    private static async Task<JsonElement> UntilAsync(EventStream events, Func<JsonElement, bool> condition)
    {
        while (await events.NextAsync() is { } data)
        {
            JsonElement state = JsonDocument.Parse(data).RootElement;
            if (condition(state))
                return state;
        }

        throw new EndOfStreamException("The page's events ended.");
    }
}
