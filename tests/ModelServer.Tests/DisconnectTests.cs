using LlmScheduling;

namespace ModelServerTests;

public sealed class DisconnectTests
{
    private const int Endless = 900_000_000;

    [Fact]
    public async Task ClientThatLeavesInMidStream_FreesSeatAndKv_BeforeTheNextStep()
    {
        await using ServerRig rig = await ServerRig.StartAsync(capacity: capacity => capacity.MaxSequences = 1);
        rig.Engine.Allow();
        using (HttpResponseMessage response = await rig.PostAsync(ServerRig.Chat("count without end", maxTokens: Endless, stream: true)))
        using (EventStream events = await EventStream.OfAsync(response))
            Assert.Equal("w1 ", await events.NextTextAsync());
        Task<HttpResponseMessage> next = rig.PostAsync(ServerRig.Chat("count to 2"));
        await ServerRig.UntilAsync(() => rig.Ends.Of(0) is not null, () => rig.Engine.Allow());
        Assert.Equal(RequestOutcome.Cancelled, rig.Ends.Of(0));
        await ServerRig.UntilAsync(() => rig.Engine.FreedAfter.ContainsKey(new RequestId(0)), () => rig.Engine.Allow());
        Assert.Equal(rig.Ends.All[new RequestId(0)].Steps, rig.Engine.FreedAfter[new RequestId(0)]);
        rig.Engine.RunFreely();
        Assert.True((await next).IsSuccessStatusCode);
        await ServerRig.UntilAsync(() => rig.Engine.Held.Count == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientThatLeavesTheQueue_IsNeverRun(bool stream)
    {
        await using ServerRig rig = await ServerRig.StartAsync(capacity: capacity => capacity.MaxSequences = 1);
        using var runner = new CancellationTokenSource();
        Task<HttpResponseMessage> running = rig.PostAsync(ServerRig.Chat("count without end", maxTokens: Endless), caller: runner.Token);
        await ServerRig.UntilAsync(() => rig.Engine.Seen.Count == 1);
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> queued = rig.PostAsync(ServerRig.Chat("count to 5", stream: stream), caller: caller.Token);
        await ServerRig.UntilAsync(() => rig.Scheduler.EstimateWait().RequestsAhead == 1);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        await ServerRig.UntilAsync(() => rig.Ends.Of(1) is not null, rig.Engine.Allow);
        await runner.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await ServerRig.UntilAsync(() => rig.Engine.Held.Count == 0, rig.Engine.Allow);
        Assert.Equal(RequestOutcome.Cancelled, rig.Ends.Of(1));
        Assert.DoesNotContain(new RequestId(1), rig.Engine.Seen.Keys);
        Assert.Equal(0, rig.Scheduler.EstimateWait().RequestsAhead);
    }

    [Fact]
    public async Task ClientThatWaitsForAWholeAnswerAndLeaves_FreesItsSeat()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> asked = rig.PostAsync(ServerRig.Chat("count without end", maxTokens: Endless), caller: caller.Token);
        await ServerRig.UntilAsync(() => rig.Engine.Seen.Count == 1);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await ServerRig.UntilAsync(() => rig.Engine.Held.Count == 0, () => rig.Engine.Allow());
        Assert.Equal(RequestOutcome.Cancelled, rig.Ends.Of(0));
    }
}
