using System.Threading.RateLimiting;

namespace LlmScheduling.AspNetCore.Tests.RateLimiting;

public sealed class GateRateLimiterTests : IDisposable
{
    private readonly Seen _seen = new();
    private readonly AdmissionGate _gate;
    private readonly RateLimiter _limiter;

    public GateRateLimiterTests()
    {
        _gate = new AdmissionGate(_seen, new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 1 }, new SchedulerServices { Observers = [_seen] });
        _limiter = _gate.AsRateLimiter(() => WebRig.Plain());
    }

    public void Dispose()
    {
        _limiter.Dispose();
        _gate.Dispose();
    }

    [Fact]
    public async Task AttemptAcquire_OfAFreeSeat_TakesItUntilTheLeaseIsDisposed()
    {
        RateLimitLease lease = _limiter.AttemptAcquire();

        Assert.True(lease.IsAcquired);
        Assert.Equal(0, _gate.GetStatistics().FreeSeats);
        lease.Dispose();
        lease.Dispose();
        Assert.Equal(RequestOutcome.Completed, (await _seen.NextEndedAsync()).Outcome);
        Assert.Equal(1, _gate.GetStatistics().FreeSeats);
        _seen.AssertNobodyElseEnded();
    }

    [Fact]
    public void AttemptAcquire_OfATakenSeat_FailsAndTheGateCountsNoRefusal()
    {
        using RateLimitLease held = _limiter.AttemptAcquire();

        using RateLimitLease failed = _limiter.AttemptAcquire();

        Assert.False(failed.IsAcquired);
        Assert.True(failed.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason));
        Assert.Equal("queue_full", reason);
        Assert.Equal([MetadataName.ReasonPhrase.Name], failed.MetadataNames);
        _seen.AssertNobodyElseEnded();
    }

    [Fact]
    public async Task AcquireAsync_OfATakenSeat_WaitsForIt()
    {
        RateLimitLease held = _limiter.AttemptAcquire();
        Task<RateLimitLease> waiting = _limiter.AcquireAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, _limiter.GetStatistics()!.CurrentQueuedCount);

        held.Dispose();

        using RateLimitLease lease = await waiting.WaitAsync(WebRig.Patience);
        Assert.True(lease.IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_OfAFullQueue_FailsWithTheReason()
    {
        using RateLimitLease held = _limiter.AttemptAcquire();
        Task<RateLimitLease> waiting = _limiter.AcquireAsync().AsTask();

        using RateLimitLease refused = await _limiter.AcquireAsync();

        Assert.False(refused.IsAcquired);
        Assert.True(refused.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason));
        Assert.Equal("queue_full", reason);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task AcquireAsync_Cancelled_ThrowsWithTheCallersToken()
    {
        using RateLimitLease held = _limiter.AttemptAcquire();
        using var caller = new CancellationTokenSource();
        Task<RateLimitLease> waiting = _limiter.AcquireAsync(1, caller.Token).AsTask();

        await caller.CancelAsync();

        OperationCanceledException fault = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(caller.Token, fault.CancellationToken);
        Assert.Equal(RequestOutcome.Cancelled, (await _seen.NextEndedAsync()).Outcome);
    }

    [Fact]
    public async Task Permits_OtherThanOne_AreNoneOrRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _limiter.AttemptAcquire(2));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _limiter.AcquireAsync(2));

        Assert.True(_limiter.AttemptAcquire(0).IsAcquired);
        Assert.Equal(1, _gate.GetStatistics().FreeSeats);
        using RateLimitLease held = _limiter.AttemptAcquire();
        Assert.False(_limiter.AttemptAcquire(0).IsAcquired);
        Assert.False((await _limiter.AcquireAsync(0)).IsAcquired);
    }

    [Fact]
    public void GetStatistics_CountsSeatsAndLeases()
    {
        RateLimitLease first = _limiter.AttemptAcquire();
        _limiter.AttemptAcquire().Dispose();

        RateLimiterStatistics statistics = _limiter.GetStatistics()!;

        Assert.Equal((0, 0, 1, 1), (statistics.CurrentAvailablePermits, statistics.CurrentQueuedCount, statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        first.Dispose();
        Assert.Equal(1, _limiter.GetStatistics()!.CurrentAvailablePermits);
        Assert.Null(_limiter.IdleDuration);
    }

    [Fact]
    public async Task Dispose_SomeWait_EndsThemAndLeavesTheGateAndItsLeases()
    {
        RateLimitLease held = _limiter.AttemptAcquire();
        Task<RateLimitLease> waiting = _limiter.AcquireAsync().AsTask();

        _limiter.Dispose();

        using RateLimitLease ended = await waiting.WaitAsync(WebRig.Patience);
        Assert.False(ended.IsAcquired);
        Assert.Throws<ObjectDisposedException>(() => _limiter.AttemptAcquire());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _limiter.AcquireAsync());
        held.Dispose();
        using AdmissionLease direct = await _gate.AcquireAsync(WebRig.Plain());
        Assert.True(direct.IsAcquired);
    }

    [Fact]
    public async Task DisposeAsync_SomeWait_EndsThemToo()
    {
        using RateLimitLease held = _limiter.AttemptAcquire();
        Task<RateLimitLease> waiting = _limiter.AcquireAsync().AsTask();

        await _limiter.DisposeAsync();

        using RateLimitLease ended = await waiting.WaitAsync(WebRig.Patience);
        Assert.False(ended.IsAcquired);
        Assert.Throws<ObjectDisposedException>(() => _limiter.AttemptAcquire());
    }

    [Fact]
    public async Task AttemptAcquire_WhileADecisionSeatsSomebody_TakesTheSeatThatIsLeft()
    {
        using var pausing = new PausingPolicy();
        using var gate = new AdmissionGate(pausing, new AdmissionGateOptions { MaxSequences = 2 });
        using RateLimiter limiter = gate.AsRateLimiter(() =>
        {
            pausing.GoOn.Set();
            return WebRig.Plain();
        });
        Task<AdmissionLease> first = Task.Run(() => gate.AcquireAsync(WebRig.Plain()).AsTask());
        Assert.True(pausing.IsAsked.Wait(WebRig.Patience));

        using RateLimitLease second = limiter.AttemptAcquire();
        pausing.GoOn.Set();

        Assert.True(second.IsAcquired);
        Assert.True((await first.WaitAsync(WebRig.Patience)).IsAcquired);
    }

    [Fact]
    public async Task Gate_ThatWasShutDown_FailsWithTheReason()
    {
        _gate.Dispose();

        foreach (RateLimitLease lease in new[] { _limiter.AttemptAcquire(), _limiter.AttemptAcquire(0), await _limiter.AcquireAsync() })
        {
            Assert.False(lease.IsAcquired);
            Assert.True(lease.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason));
            Assert.Equal("shut_down", reason);
        }
    }

    /// <summary>First come, first served, when it is told to go on.</summary>
    private sealed class PausingPolicy : ISchedulingPolicy, IDisposable
    {
        public ManualResetEventSlim IsAsked { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            IsAsked.Set();
            GoOn.Wait(WebRig.Patience);
            new FirstComeFirstServed().Prioritize(snapshot, keys);
        }

        public void Dispose()
        {
            IsAsked.Dispose();
            GoOn.Dispose();
        }
    }
}
