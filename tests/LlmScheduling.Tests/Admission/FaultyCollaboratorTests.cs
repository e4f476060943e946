namespace LlmScheduling.Tests.Admission;

public class FaultyCollaboratorTests
{
    [Fact]
    public async Task AcquireAsync_LatencyModelThrows_CostsNobodyASeat()
    {
        using var gate = new AdmissionGate(new FirstComeFirstServed(), GateRig.OneSeat, new SchedulerServices { Latency = new Broken() });

        using AdmissionLease lease = await GateRig.Soon(gate.AcquireAsync(GateRig.Request()).AsTask());
        lease.Dispose();

        Assert.True(lease.IsAcquired);
        Assert.Equal(1, gate.GetStatistics().FreeSeats);
    }

    [Fact]
    public void AcquireAsync_SloModelThrows_FailsThatCallAndCostsNobodyASeat()
    {
        using var rig = new GateRig(slo: new Broken());

        Assert.Throws<InvalidOperationException>(() => _ = rig.Gate.AcquireAsync(GateRig.Request()).IsCompleted);

        AdmissionStatistics now = rig.Gate.GetStatistics();
        Assert.Equal((1, 0, 0L), (now.FreeSeats, now.QueuedRequests, now.QueuedTokens));
    }

    private sealed class Broken : ILatencyModel, ISloModel
    {
        public TimeSpan PredictStep(in BatchShape shape) => throw new InvalidOperationException("broken");

        public SloTargets TargetsFor(InferenceRequest request) => throw new InvalidOperationException("broken");
    }
}
