using LlmScheduling.Tests.Admission;

namespace LlmScheduling.Tests.Instances;

public class CentralQueueTests
{
    private static AdmissionGateOptions Three => new() { Instances = 3, MaxSequences = 2 };

    [Fact]
    public void AcquireAsync_NoAssignment_SpreadsByFreeSequences()
    {
        using var rig = new GateRig(Three);
        Assert.Equal([0, 1, 2, 0, 1, 2], Enumerable.Range(0, 6).Select(_ => rig.Seat().Instance));
    }

    [Fact]
    public async Task AcquireAsync_WaitsInOneQueue_IsBoundToWhicheverInstanceFreesFirst()
    {
        using var rig = new GateRig(Three);
        AdmissionLease[] seats = [.. Enumerable.Range(0, 6).Select(_ => rig.Seat())];
        Task<AdmissionLease> first = rig.Wait(), second = rig.Wait();

        seats.Last(lease => lease.Instance == 1).Dispose();
        Assert.Equal(1, (await GateRig.Soon(first)).Instance);
        seats.First(lease => lease.Instance == 2).Dispose();
        Assert.Equal(2, (await GateRig.Soon(second)).Instance);
    }

    [Fact]
    public async Task SetAvailable_False_GivesTheInstanceNothingAndKeepsItsLeases()
    {
        using var rig = new GateRig(Three);
        AdmissionLease served = rig.Seat();
        rig.Gate.SetAvailable(0, false);

        Assert.Equal([1, 2, 1, 2], Enumerable.Range(0, 4).Select(_ => rig.Seat().Instance));
        Task<AdmissionLease> waiting = rig.Wait();
        served.Complete(FinishReason.Stop);
        Assert.False(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
        Assert.Equal(RequestOutcome.Completed, Assert.Single(rig.Ended).Outcome);

        rig.Gate.SetAvailable(0, true);
        Assert.Equal(0, (await GateRig.Soon(waiting)).Instance);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void SetAvailable_NoSuchInstance_Throws(int instance)
    {
        using var rig = new GateRig(Three);
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Gate.SetAvailable(instance, true));
    }

    [Fact]
    public void AcquireAsync_LargestRemainingMemory_LooksAtTokensAndNotAtSeats()
    {
        using var rig = new GateRig(new AdmissionGateOptions { Instances = 2, MaxSequences = 8, MaxTokens = 1_000 }, assignment: new LargestRemainingMemory());
        Assert.Equal(0, rig.Seat(GateRig.Request(prompt: 500, output: 100)).Instance);
        Assert.Equal([1, 1, 1], Enumerable.Range(0, 3).Select(_ => rig.Seat(GateRig.Request(prompt: 50, output: 50)).Instance));
    }

    [Fact]
    public void AcquireAsync_EarliestPredictedFinish_LearnsHowFastAnInstanceIs()
    {
        using var rig = new GateRig(new AdmissionGateOptions { Instances = 2, MaxSequences = 8 }, assignment: new EarliestPredictedFinish());
        AdmissionLease slow = rig.Seat(GateRig.Request(output: 10)), fast = rig.Seat(GateRig.Request(output: 10));
        rig.Advance(100);
        fast.ReportTokens(10);
        fast.Complete(FinishReason.Length);
        rig.Advance(900);
        slow.ReportTokens(10);
        slow.Complete(FinishReason.Length);
        Assert.Equal((0, 1), (slow.Instance, fast.Instance));

        // Both idle: the lowest index. From then on 0 is busy for a second, and 1 for a tenth of one.
        Assert.Equal([0, 1, 1, 1], Enumerable.Range(0, 4).Select(_ => rig.Seat(GateRig.Request(output: 10)).Instance));
    }

    [Fact]
    public void AcquireAsync_RoundRobin_GoesRoundAndPassesWhoIsAway()
    {
        using var rig = new GateRig(new AdmissionGateOptions { Instances = 3, MaxSequences = 8 }, assignment: new RoundRobin());
        Assert.Equal([0, 1, 2, 0], Enumerable.Range(0, 4).Select(_ => rig.Seat().Instance));
        rig.Gate.SetAvailable(1, false);
        Assert.Equal([2, 0, 2], Enumerable.Range(0, 3).Select(_ => rig.Seat().Instance));
        rig.Gate.SetAvailable(1, true);
        Assert.Equal([1, 0, 2, 1], Enumerable.Range(0, 4).Select(_ => rig.Seat().Instance));
    }

    [Fact]
    public void AcquireAsync_LeastWork_CountsWhatIsLeft()
    {
        using var rig = new GateRig(new AdmissionGateOptions { Instances = 2, MaxSequences = 8 }, assignment: new LeastWork());
        AdmissionLease large = rig.Seat(GateRig.Request(prompt: 100, output: 50));
        Assert.Equal(0, large.Instance);
        Assert.Equal([1, 1], Enumerable.Range(0, 2).Select(_ => rig.Seat(GateRig.Request(prompt: 50, output: 20)).Instance));

        // Its prompt is done and 10 tokens are left, against 140 at the other.
        large.ReportTokens(40);
        Assert.Equal(0, rig.Seat(GateRig.Request(prompt: 50, output: 20)).Instance);
    }

    [Fact]
    public async Task Choose_LetsTheHeadWait_HoldsEverybodyAndIsAskedAgain()
    {
        bool waits = true;
        List<int> asked = [];
        using var rig = new GateRig(Three, assignment: new Chosen((in RequestView request, ReadOnlySpan<InstanceView> _) =>
        {
            asked.Add(request.Priority);
            return waits ? -1 : 2;
        }));
        Task<AdmissionLease> head = rig.Wait(GateRig.Request(priority: 1)), behind = rig.Wait(GateRig.Request(priority: 2));
        rig.Advance(5);
        Assert.Equal([1, 1, 1], asked);

        waits = false;
        rig.Advance(5);

        Assert.Equal(2, (await GateRig.Soon(head)).Instance);
        Assert.Equal(2, (await GateRig.Soon(behind)).Instance);
        Assert.Equal(0, rig.Gate.AssignmentFaults);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(3)]
    [InlineData(1)]
    [InlineData(99)]
    public void Choose_ThrowsOrHasNoRoomThere_TakesTheDefaultAndIsCounted(int answer)
    {
        using var rig = new GateRig(Three, assignment: new Chosen((in RequestView _, ReadOnlySpan<InstanceView> _) => answer == 99 ? throw new InvalidOperationException("broken") : answer));
        rig.Gate.SetAvailable(1, false);

        Assert.Equal([0, 2], Enumerable.Range(0, 2).Select(_ => rig.Seat().Instance));
        Assert.Equal(2, rig.Gate.AssignmentFaults);
    }

    private sealed class Chosen(Chosen.Choice choice) : IInstanceAssignment
    {
        public delegate int Choice(in RequestView request, ReadOnlySpan<InstanceView> instances);

        public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances) => choice(request, instances);
    }
}
