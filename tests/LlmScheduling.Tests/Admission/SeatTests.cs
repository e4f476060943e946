namespace LlmScheduling.Tests.Admission;

public class SeatTests
{
    [Fact]
    public void AcquireAsync_SeatFree_AnswersAtOnce()
    {
        using var rig = new GateRig();
        AdmissionLease lease = rig.Seat();

        Assert.True(lease.IsAcquired);
        Assert.Null(lease.Refusal);
        Assert.Null(lease.RetryAfter);
        Assert.Equal(0, lease.Instance);
        Assert.True(float.IsNaN(lease.RankScore));
        Assert.Empty(rig.Ended);
    }

    [Fact]
    public async Task Complete_SomeoneWaits_GetsTheSeat()
    {
        using var rig = new GateRig();
        AdmissionLease first = rig.Seat();
        Task<AdmissionLease> second = rig.Wait();

        first.Complete(FinishReason.Stop);

        Assert.True((await GateRig.Soon(second)).IsAcquired);
        EndedRequest ended = Assert.Single(rig.Ended);
        Assert.Equal((RequestOutcome.Completed, FinishReason.Stop), (ended.Outcome, ended.Finish));
    }

    [Theory]
    [InlineData(FinishReason.Stop, RequestOutcome.Completed)]
    [InlineData(FinishReason.Length, RequestOutcome.Completed)]
    [InlineData(FinishReason.Failed, RequestOutcome.Failed)]
    public void Complete_Reason_DecidesTheOutcome(FinishReason reason, RequestOutcome outcome)
    {
        using var rig = new GateRig();
        rig.Seat().Complete(reason);

        EndedRequest ended = Assert.Single(rig.Ended);
        Assert.Equal((outcome, reason), (ended.Outcome, ended.Finish));
    }

    [Theory]
    [InlineData(FinishReason.None)]
    [InlineData((FinishReason)77)]
    public void Complete_NoReason_ThrowsAndKeepsTheSeat(FinishReason reason)
    {
        using var rig = new GateRig();
        AdmissionLease lease = rig.Seat();

        Assert.Throws<ArgumentOutOfRangeException>(() => lease.Complete(reason));
        Assert.False(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
    }

    [Fact]
    public void Dispose_WithoutComplete_EndsAsCancelled()
    {
        using var rig = new GateRig();
        rig.Seat().Dispose();

        Assert.Equal(RequestOutcome.Cancelled, Assert.Single(rig.Ended).Outcome);
        rig.Seat();
    }

    [Fact]
    public void Dispose_ManyTimesAndAfterComplete_FreesOneSeat()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 2, MaxQueuedRequests = 0 });
        AdmissionLease first = rig.Seat();
        rig.Seat();

        first.Complete(FinishReason.Stop);
        first.Complete(FinishReason.Failed);
        first.Dispose();
        first.Dispose();

        rig.Seat();
        Assert.False(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
        Assert.Equal(RequestOutcome.Completed, Assert.Single(rig.Ended).Outcome);
    }

    [Fact]
    public void Dispose_RefusedLease_DoesNothing()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 0 });
        rig.Seat();
        AdmissionLease refused = rig.Gate.TryAcquire(GateRig.Request());

        refused.ReportFirstToken();
        refused.ReportTokens(3);
        refused.Complete(FinishReason.Stop);
        refused.Dispose();

        Assert.Equal(RequestOutcome.QueueFull, refused.Refusal);
        Assert.Equal(-1, refused.Instance);
        Assert.Empty(rig.Ended);
        Assert.False(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
    }

    [Fact]
    public void Release_ManyThreadsAtOnce_FreesEverySeatExactlyOnce()
    {
        const int Seats = 4, Rounds = 2_000, Threads = 4;
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = Seats, MaxQueuedRequests = 0 });
        var leases = new AdmissionLease[Seats];
        using var together = new Barrier(Threads + 1);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(t => new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                together.SignalAndWait();
                foreach (AdmissionLease lease in leases)
                {
                    if ((t + round) % 2 == 0)
                        lease.Dispose();
                    else
                        lease.Complete(FinishReason.Stop);
                }

                together.SignalAndWait();
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();

        for (int round = 0; round < Rounds; round++)
        {
            for (int seat = 0; seat < Seats; seat++)
                leases[seat] = rig.Seat();
            Assert.False(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
            together.SignalAndWait();
            together.SignalAndWait();
        }

        foreach (Thread thread in threads)
            thread.Join();
        for (int seat = 0; seat < Seats; seat++)
            rig.Seat();
        Assert.Equal(Seats * Rounds, rig.Ended.Count);
        Assert.Equal(rig.Ended.Count, rig.Ended.DistinctBy(ended => ended.Id).Count());
    }
}
