using System.Net;
using System.Net.Sockets;
using System.Text;
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
    public async Task RetryAfter_OfAnEngineFasterThanLife_CountsSecondsOnTheWall()
    {
        const double Speed = 10;
        var wall = new ManualTimeProvider();
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { MaxQueued = 4 }, capacity => capacity.MaxSequences = 1, new ScaledTime(Speed, wall));
        List<Task<HttpResponseMessage>> asked = [rig.PostAsync(ServerRig.Chat("count to 1"))];
        await ServerRig.UntilAsync(() => rig.Engine.Seen.Count == 1);
        await FillAsync();
        for (int served = 2; served <= 4; served++)
        {
            wall.Advance(TimeSpan.FromSeconds(5));
            rig.Engine.Allow();
            await ServerRig.UntilAsync(() => rig.Engine.Seen.Count == served);
        }

        await FillAsync();
        using HttpResponseMessage refused = await rig.PostAsync(ServerRig.Chat("count to 1"));

        // One in five seconds, four ahead.
        TimeSpan byTheEngine = rig.Scheduler.EstimateWait().Wait;
        Assert.InRange(byTheEngine, Speed * TimeSpan.FromSeconds(15), Speed * TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(Math.Ceiling(byTheEngine.TotalSeconds / Speed)), refused.Headers.RetryAfter!.Delta);
        rig.Engine.RunFreely();
        foreach (Task<HttpResponseMessage> one in asked)
            Assert.Equal(HttpStatusCode.OK, (await one).StatusCode);

        async Task FillAsync()
        {
            for (int waiting = rig.Scheduler.EstimateWait().RequestsAhead; waiting < 4; waiting++)
            {
                asked.Add(rig.PostAsync(ServerRig.Chat("count to 1")));
                await ServerRig.UntilAsync(() => rig.Scheduler.EstimateWait().RequestsAhead == waiting + 1);
            }
        }
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
        await ServerRig.UntilAsync(() => rig.Engine.Held.Count == 0);
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
    public async Task EngineThatFailsInMidStream_ClosesTheConnectionInOrder_WithoutTheEndOfTheBody()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        rig.Engine.Allow();
        string body = ServerRig.Chat("count to 30", stream: true);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, rig.Url.Port);
        NetworkStream connection = client.GetStream();
        await connection.WriteAsync(Encoding.UTF8.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        using var reader = new StreamReader(connection);
        while (await reader.ReadLineAsync() is { } line && !line.Contains("w1 ", StringComparison.Ordinal))
            Assert.DoesNotContain("failed", line, StringComparison.Ordinal);
        rig.Engine.Fault = new InvalidOperationException("broken");
        rig.Engine.Allow();

        // A connection that is reset throws here, and may take with it what had been sent.
        string rest = await reader.ReadToEndAsync();
        Assert.Contains("\"code\":\"failed\"", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("0\r\n\r\n", rest, StringComparison.Ordinal);
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
