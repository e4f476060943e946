using System.Net;
using System.Text.Json;
using LlmScheduling;
using LlmScheduling.Tests;

namespace ModelServerTests;

public sealed class RefusalTests
{
    [Fact]
    public async Task QueueFull_Is429_WithRetryAfter()
    {
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { MaxQueued = 1 }, capacity => capacity.MaxSequences = 1);
        Task<HttpResponseMessage> running = rig.PostAsync(ServerRig.Chat("count to 3"));
        await ServerRig.UntilAsync(() => rig.Engine.Seen.Count == 1);
        Task<HttpResponseMessage> queued = rig.PostAsync(ServerRig.Chat("count to 3"));
        await ServerRig.UntilAsync(() => rig.Scheduler.EstimateWait().RequestsAhead == 1);
        using HttpResponseMessage refused = await rig.PostAsync(ServerRig.Chat("count to 3", stream: true));
        await AssertRefused(refused, HttpStatusCode.TooManyRequests, "queue_full");
        rig.Engine.RunFreely();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await queued).StatusCode);
    }

    [Fact]
    public async Task QueueTimeout_Is503_WithRetryAfter()
    {
        var clock = new ManualTimeProvider();
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { Limits = new ClientLimits { LongestQueueTimeout = TimeSpan.FromSeconds(5) } }, capacity => capacity.MaxSequences = 1, clock);
        Task<HttpResponseMessage> running = rig.PostAsync(ServerRig.Chat("count to 100"));
        await ServerRig.UntilAsync(() => rig.Engine.Seen.Count == 1);
        Task<HttpResponseMessage> queued = rig.PostAsync(ServerRig.Chat("count to 3", stream: true));
        await ServerRig.UntilAsync(() => rig.Scheduler.EstimateWait().RequestsAhead == 1);
        clock.Advance(TimeSpan.FromSeconds(6));
        rig.Engine.Allow();
        using HttpResponseMessage refused = await queued;
        await AssertRefused(refused, HttpStatusCode.ServiceUnavailable, "timed_out_in_queue");
        rig.Engine.RunFreely();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
    }

    [Fact]
    public async Task Unattainable_Is429()
    {
        var stack = SchedulingStacks.Slo with { Policy = new AttainableWorkFirst { RefusesHopeless = true } };
        await using ServerRig rig = await ServerRig.StartAsync(options => options with
        {
            Stacks = [stack],
            Promises = new Dictionary<string, ServiceLevelObjective> { ["late"] = new() { EndToEnd = TimeSpan.Zero } },
        });
        using HttpResponseMessage refused = await rig.PostAsync(ServerRig.Chat("count to 3"), trafficClass: "late");
        await AssertRefused(refused, HttpStatusCode.TooManyRequests, "unattainable");
    }

    [Fact]
    public async Task Unservable_Is413_WithoutRetryAfter()
    {
        await using ServerRig rig = await ServerRig.StartAsync(capacity: capacity => capacity.KvTotalBlocks = 2);
        using HttpResponseMessage refused = await rig.PostAsync(ServerRig.Chat(string.Join(' ', Enumerable.Repeat("word", 100))));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Null(refused.Headers.RetryAfter);
        Assert.Equal("unservable", (await ServerRig.JsonOf(refused)).GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EngineThatFails_Is500_AndTheNextRequestIsServed(bool stream)
    {
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        rig.Engine.Fault = new InvalidOperationException("broken");
        using HttpResponseMessage failed = await rig.PostAsync(ServerRig.Chat("count to 3", stream: stream));
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal("failed", (await ServerRig.JsonOf(failed)).GetProperty("error").GetProperty("code").GetString());
        Assert.Empty(rig.Engine.Held);
        rig.Engine.Fault = null;
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(ServerRig.Chat("count to 3"))).Status);
    }

    [Fact]
    public async Task EngineThatFailsInMidStream_BreaksTheStreamOff()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        rig.Engine.Allow();
        using HttpResponseMessage response = await rig.PostAsync(ServerRig.Chat("count to 30", stream: true));
        using EventStream events = await EventStream.OfAsync(response);
        Assert.Equal("w1 ", await events.NextTextAsync());
        rig.Engine.Fault = new InvalidOperationException("broken");
        rig.Engine.Allow();
        Assert.Contains("\"code\":\"failed\"", await events.NextAsync(), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => events.NextAsync());
    }

    [Fact]
    public async Task PolicyThatThrows_CostsOrder_AndNothingElse()
    {
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { Stacks = [new SchedulingStack("broken", new ThrowingPolicy())] }, runsFreely: true);
        for (int i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(ServerRig.Chat("count to 3"))).Status);
        Assert.True(rig.Scheduler.PolicyFaults >= 3);
    }

    private static async Task AssertRefused(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.True(response.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        JsonElement error = (await ServerRig.JsonOf(response)).GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEqual("", error.GetProperty("message").GetString());
    }

    private sealed class ThrowingPolicy : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys) => throw new InvalidOperationException("broken policy");
    }
}
