namespace LlmScheduling.Tests.Admission;

public class ShutDownTests
{
    [Fact]
    public async Task Dispose_SomeWait_EndsThemAllAsShutDown()
    {
        var rig = new GateRig();
        rig.Seat();
        Task<AdmissionLease>[] waiting = [.. Enumerable.Range(0, 5).Select(_ => rig.Wait(GateRig.Request(queueTimeout: TimeSpan.FromSeconds(1))))];

        rig.Gate.Dispose();

        foreach (Task<AdmissionLease> lease in waiting)
        {
            AdmissionLease refused = await GateRig.Soon(lease);
            Assert.Equal((RequestOutcome.ShutDown, null), (refused.Refusal, refused.RetryAfter));
        }

        Assert.Equal(5, rig.Ended.Count(ended => ended.Outcome == RequestOutcome.ShutDown));
        Assert.Equal(0, rig.Clock.PendingTimers);
    }

    [Fact]
    public async Task Dispose_LeaseOut_StaysValidAndEndsOnce()
    {
        var rig = new GateRig();
        AdmissionLease lease = rig.Seat();
        await rig.Gate.DisposeAsync();
        rig.Gate.Dispose();
        Assert.Empty(rig.Ended);

        lease.ReportTokens(4);
        lease.Complete(FinishReason.Stop);
        lease.Dispose();

        EndedRequest ended = Assert.Single(rig.Ended);
        Assert.Equal((RequestOutcome.Completed, 4), (ended.Outcome, ended.GeneratedTokens));
    }

    [Fact]
    public async Task AcquireAsync_AfterDispose_IsRefusedAsShutDown()
    {
        var rig = new GateRig();
        rig.Gate.Dispose();

        Assert.Equal(RequestOutcome.ShutDown, (await rig.Gate.AcquireAsync(GateRig.Request())).Refusal);
        Assert.Equal(RequestOutcome.ShutDown, rig.Gate.TryAcquire(GateRig.Request()).Refusal);
    }

    [Fact]
    public async Task StopAccepting_SomeWait_AreStillServed()
    {
        using var rig = new GateRig();
        AdmissionLease held = rig.Seat();
        Task<AdmissionLease> waiting = rig.Wait();

        rig.Gate.StopAccepting();

        Assert.Equal(RequestOutcome.ShutDown, (await rig.Gate.AcquireAsync(GateRig.Request())).Refusal);
        held.Dispose();
        Assert.True((await GateRig.Soon(waiting)).IsAcquired);
    }

    [Fact]
    public async Task Dispose_ArrivalsAtTheSameTime_EndAllTheSame()
    {
        for (int round = 0; round < 200; round++)
        {
            var rig = new GateRig();
            rig.Seat();
            using var together = new Barrier(3);
            var leases = new Task<AdmissionLease>[2][];
            Thread[] arriving = [.. Enumerable.Range(0, 2).Select(t => new Thread(() =>
            {
                together.SignalAndWait();
                leases[t] = [.. Enumerable.Range(0, 20).Select(_ => rig.Gate.AcquireAsync(GateRig.Request()).AsTask())];
            }))];
            foreach (Thread thread in arriving)
                thread.Start();
            together.SignalAndWait();
            rig.Gate.Dispose();
            foreach (Thread thread in arriving)
                thread.Join();

            Task<AdmissionLease>[] all = [.. leases.SelectMany(lease => lease)];
            Assert.All(await Task.WhenAll(all).WaitAsync(TimeSpan.FromSeconds(30)), lease => Assert.Equal(RequestOutcome.ShutDown, lease.Refusal));
        }
    }
}
