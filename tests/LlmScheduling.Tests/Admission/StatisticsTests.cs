namespace LlmScheduling.Tests.Admission;

public class StatisticsTests
{
    [Fact]
    public void GetStatistics_OfAFreshGate_IsEmpty()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 3, Instances = 2, MaxQueuedRequests = 7, MaxQueuedTokens = 70 });

        Assert.Equal(new AdmissionStatistics(6, 0, 0, 7, 70, true), rig.Gate.GetStatistics());
    }

    [Fact]
    public void GetStatistics_CountsSeatsAndTheQueue()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, Instances = 2, MaxQueuedRequests = 7 });
        AdmissionLease lease = rig.Seat();
        Assert.Equal(1, rig.Gate.GetStatistics().FreeSeats);
        rig.Gate.SetAvailable(1 - lease.Instance, false);
        Assert.Equal(0, rig.Gate.GetStatistics().FreeSeats);

        rig.Wait(GateRig.Request(prompt: 30));
        AdmissionStatistics now = rig.Gate.GetStatistics();
        Assert.Equal((0, 1, 30L), (now.FreeSeats, now.QueuedRequests, now.QueuedTokens));

        lease.Dispose();
        now = rig.Gate.GetStatistics();
        Assert.Equal((0, 0, 0L), (now.FreeSeats, now.QueuedRequests, now.QueuedTokens));
    }

    [Fact]
    public void GetStatistics_AfterStopAccepting_SaysSo()
    {
        using var rig = new GateRig();
        rig.Gate.StopAccepting();

        Assert.False(rig.Gate.GetStatistics().IsAccepting);
    }
}
