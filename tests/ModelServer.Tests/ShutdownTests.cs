using System.Net;
using LlmScheduling;

namespace ModelServerTests;

public sealed class ShutdownTests
{
    private const int Endless = 900_000_000;

    [Fact]
    public async Task Stop_WithRequestsInFlight_ServesThemToTheirEnd()
    {
        await using ServerRig rig = await ServerRig.StartAsync(capacity: capacity => capacity.MaxSequences = 1);
        rig.Engine.Allow();
        using HttpResponseMessage streaming = await rig.PostAsync(ServerRig.Chat("count to 3", stream: true));
        Task<HttpResponseMessage> queued = rig.PostAsync(ServerRig.Chat("count to 3"));
        await ServerRig.UntilAsync(() => rig.Scheduler.EstimateWait().RequestsAhead == 1);
        Task stopping = rig.App.StopAsync();
        rig.Engine.RunFreely();
        using EventStream events = await EventStream.OfAsync(streaming);
        Assert.Equal("[DONE]", (await events.RestAsync())[^1]);
        Assert.Equal(HttpStatusCode.OK, (await queued).StatusCode);
        await stopping;
        await ServerRig.UntilAsync(() => rig.Engine.IsDisposed);
    }

    [Fact]
    public async Task Stop_WithoutTimeToDrain_EndsAStreamWithAnErrorAndNoReason_AndTheQueueWith503()
    {
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { Drain = TimeSpan.Zero }, capacity => capacity.MaxSequences = 1);
        rig.Engine.Allow();
        using HttpResponseMessage streaming = await rig.PostAsync(ServerRig.Chat("count without end", maxTokens: Endless, stream: true));
        using EventStream events = await EventStream.OfAsync(streaming);
        Assert.Equal("w1 ", await events.NextTextAsync());
        Task<HttpResponseMessage> queued = rig.PostAsync(ServerRig.Chat("count to 3"));
        await ServerRig.UntilAsync(() => rig.Scheduler.EstimateWait().RequestsAhead == 1);
        Task stopping = rig.App.StopAsync();
        await ServerRig.UntilAsync(() => rig.Ends.Of(0) is not null, () => rig.Engine.Allow());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await queued).StatusCode);
        List<string> rest = [];
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (await events.NextAsync() is { } data)
                rest.Add(data);
        });
        Assert.Contains("\"code\":\"shut_down\"", rest[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(rest, data => data == "[DONE]" || data.Contains("\"finish_reason\":\"", StringComparison.Ordinal));
        await stopping;
        Assert.Equal(RequestOutcome.ShutDown, rig.Ends.Of(0));
    }

    [Fact]
    public async Task StoppedScheduler_Is503_ForWhoComes()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        rig.Scheduler.StopAccepting();
        using HttpResponseMessage refused = await rig.PostAsync(ServerRig.Chat("count to 3"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        using HttpResponseMessage health = await rig.Client.GetAsync("/healthz");
        await ServerRig.UntilAsync(() => rig.Engine.IsDisposed);
        using HttpResponseMessage later = await rig.Client.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, later.StatusCode);
    }
}
