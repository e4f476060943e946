namespace LlmScheduling.Tests.Admission;

public class CancellationTests
{
    [Fact]
    public async Task AcquireAsync_TokenCancelledWhileWaiting_ThrowsAndNeverGetsTheSeat()
    {
        using var rig = new GateRig();
        AdmissionLease held = rig.Seat();
        using var caller = new CancellationTokenSource();
        Task<AdmissionLease> withdrawn = rig.Wait(cancellationToken: caller.Token);
        Task<AdmissionLease> next = rig.Wait();

        caller.Cancel();
        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn);
        held.Complete(FinishReason.Stop);

        Assert.Equal(caller.Token, thrown.CancellationToken);
        Assert.True((await GateRig.Soon(next)).IsAcquired);
        Assert.Equal([RequestOutcome.Cancelled, RequestOutcome.Completed], rig.Ended.Select(ended => ended.Outcome));
    }

    [Fact]
    public async Task AcquireAsync_TokenCancelledBefore_TakesNothing()
    {
        using var rig = new GateRig();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.Gate.AcquireAsync(GateRig.Request(), new CancellationToken(true)).AsTask());

        Assert.Empty(rig.Ended);
        rig.Seat();
    }

    [Fact]
    public void AcquireAsync_TokenCancelledAfterTheGrant_ChangesNothing()
    {
        using var rig = new GateRig();
        using var caller = new CancellationTokenSource();
        ValueTask<AdmissionLease> lease = rig.Gate.AcquireAsync(GateRig.Request(), caller.Token);

        caller.Cancel();

        Assert.True(lease.IsCompletedSuccessfully);
        Assert.Empty(rig.Ended);
        Assert.False(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_Withdrawn_LeavesItsPlaceInTheQueue()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 1 });
        rig.Seat();
        using var caller = new CancellationTokenSource();
        Task<AdmissionLease> withdrawn = rig.Wait(cancellationToken: caller.Token);
        Assert.Equal(RequestOutcome.QueueFull, (await rig.Gate.AcquireAsync(GateRig.Request())).Refusal);

        caller.Cancel();

        _ = rig.Wait();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn);
    }

    [Fact]
    public async Task AcquireAsync_CancelRacesGrant_EitherThrowsOrHoldsTheSeat()
    {
        const int Rounds = 5_000;
        using var rig = new GateRig();
        AdmissionLease? held = null;
        CancellationTokenSource? caller = null;
        using var together = new Barrier(2);
        var canceller = new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                together.SignalAndWait();
                caller!.Cancel();
                together.SignalAndWait();
            }
        });
        canceller.Start();
        int granted = 0;

        for (int round = 0; round < Rounds; round++)
        {
            held = rig.Seat();
            caller = new CancellationTokenSource();
            Task<AdmissionLease> waiting = rig.Wait(cancellationToken: caller.Token);
            together.SignalAndWait();
            held.Complete(FinishReason.Stop);
            together.SignalAndWait();

            try
            {
                AdmissionLease lease = await GateRig.Soon(waiting);
                Assert.True(lease.IsAcquired);
                Assert.False(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
                lease.Dispose();
                granted++;
            }
            catch (OperationCanceledException)
            {
                // Counted below: it ended as cancelled, and was never admitted.
            }

            caller.Dispose();
        }

        canceller.Join();
        Assert.Equal(2 * Rounds, rig.Ended.Count);
        Assert.Equal(Rounds, rig.Ended.Count(ended => ended.Outcome == RequestOutcome.Cancelled));
        Assert.Equal(granted, rig.Ended.Count(ended => ended.Outcome == RequestOutcome.Cancelled && ended.AdmittedAt != TimeSpan.MaxValue));
    }
}
