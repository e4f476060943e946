namespace LlmScheduling.Tests;

public sealed class SeatPreemptionTests
{
    [Fact]
    public void SmallerBand_TakesTheSeatAndStartsAtOnce()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, KeyedBy.PriorityBand);
        rig.Enqueue(prompt: 3, output: 9, priority: 2);
        rig.Step();
        rig.Enqueue(prompt: 4, output: 2, priority: 1);

        Assert.Equal(["1:4 -0", "1:1", "0:4", "0:1"], rig.Steps(4));
    }

    [Fact]
    public void EqualBand_TakesNoSeatWhateverItsTierAndScore()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView r) => new((int)-r.Id.Sequence, 0, -r.Id.Sequence)));
        rig.Enqueue(output: 9);
        rig.Step();
        rig.Enqueue();

        Assert.Equal("0:1", rig.Step());
    }

    [Fact]
    public void FreeSeats_AreFilledBeforeAnyIsTaken()
    {
        using var rig = new EngineRig(new() { MaxSequences = 2 }, KeyedBy.PriorityBand);
        rig.Enqueue(output: 9, priority: 9);
        rig.Step();
        rig.Enqueue(output: 9, priority: 1);

        Assert.Equal("0:1 1:1", rig.Step());
    }

    [Fact]
    public void Victim_IsTheLargestBandThenTheLatestArrivalThenTheLatestAdmitted()
    {
        using var rig = new EngineRig(new() { MaxSequences = 4 }, KeyedBy.PriorityBand);
        rig.Enqueue(output: 9, priority: 5);
        rig.Enqueue(output: 9, priority: 9);
        rig.Enqueue(output: 9, priority: 9);
        rig.Clock.Advance(EngineRig.StepTime);
        rig.Enqueue(output: 9, priority: 8);
        rig.Step();
        rig.Enqueue(output: 9);
        Assert.EndsWith("-2", rig.Step());
        rig.Enqueue(output: 9);
        Assert.EndsWith("-1", rig.Step());
        rig.Enqueue(output: 9);
        Assert.EndsWith("-3", rig.Step());
    }

    [Fact]
    public void SeveralArrivals_TakeSeatsInKeyOrderUntilOneMayNot()
    {
        using var rig = new EngineRig(new() { MaxSequences = 3 }, KeyedBy.PriorityBand);
        foreach (int priority in (int[])[3, 5, 7])
            rig.Enqueue(output: 9, priority: priority);
        rig.Step();
        foreach (int priority in (int[])[4, 2, 6])
            rig.Enqueue(output: 9, priority: priority);

        // 2 takes 7's seat, 4 takes 5's; 6 finds 3 and stops.
        Assert.Equal("0:1 4:1 3:1 -2 -1", rig.Step());
    }

    [Fact]
    public void SeatTaken_AdmissionGoesOnInTheSameStepAndThePolicyIsAskedAgain()
    {
        int asked = 0;
        using var rig = new EngineRig(new() { MaxSequences = 2 }, new KeyedBy((in RequestView r) =>
        {
            asked += r.Id.Sequence == 0 ? 1 : 0;
            return new(r.Priority, 0);
        }));
        rig.Enqueue(output: 9, priority: 1);
        rig.Enqueue(output: 1, priority: 1);
        rig.Step();
        rig.Enqueue(output: 9, priority: 0);
        rig.Enqueue(output: 9, priority: 0);
        asked = 0;

        Assert.Equal("2:1 3:1 -0", rig.Step());
        Assert.Equal(2, asked);
    }

    [Fact]
    public void VictimThatThePolicyStillPrefers_RunsAgainInTheSameStep()
    {
        // The second answer, with the victim waiting, puts it first: the seat was free for a moment only.
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView r) =>
            r.Phase == RequestPhase.Running ? new(1, 0) : r.Phase == RequestPhase.Preempted ? new(-1, 0, 0) : new(0, 0)));
        RequestTicket ticket = rig.Enqueue(prompt: 3, output: 3);
        rig.Step();
        rig.Enqueue(output: 1);

        Assert.Equal("0:4 -0", rig.Step());
        Assert.Null(ticket.Ended());
    }

    [Fact]
    public void HeldRunningRequest_LosesItsSeatToNobody()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView r) => r.Phase == RequestPhase.Running ? PriorityKey.Hold : new(-5, 0)));
        rig.Enqueue(output: 2);
        rig.Step();
        rig.Enqueue();

        Assert.Equal(["none", "none"], rig.Steps(2));
    }

    [Fact]
    public void SpareKey_TakesNoSeat()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView r) => r.Phase == RequestPhase.Running ? new(5, 0) : r.Id.Sequence == 0 ? new(0, 0) : PriorityKey.Spare(0)));
        rig.Enqueue(output: 3);
        rig.Step();
        rig.Enqueue();

        Assert.Equal("0:1", rig.Step());
    }

    [Fact]
    public void PolicyFails_TakesNoSeatRefusesNobodyAndGoesFirstComeFirstServed()
    {
        bool fail = false;
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView r) => fail ? throw new InvalidOperationException("broken") : new(r.Priority, 0)));
        rig.Enqueue(output: 2, priority: 9);
        rig.Step();
        RequestTicket urgent = rig.Enqueue(priority: 0);
        fail = true;

        Assert.Equal("0:1", rig.Plan());
        Assert.Equal(("broken", 1), (rig.Newest.PolicyFault!.Message, rig.Scheduler.PolicyFaults));
        rig.Complete();
        rig.Enqueue(priority: -1);
        Assert.Equal("1:1", rig.Plan());
        Assert.Equal(2, rig.Scheduler.PolicyFaults);
        rig.Complete();
        Assert.Equal(RequestOutcome.Completed, urgent.Ended());
        fail = false;
        Assert.Equal("2:1", rig.Plan());
        Assert.Null(rig.Newest.PolicyFault);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void PolicyAnswersNaNForAnyRequest_IsAFault(long which)
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView r) => r.Id.Sequence == which ? new(0, double.NaN) : PriorityKey.Refuse));
        rig.Enqueue();
        rig.Enqueue();
        rig.Enqueue();

        Assert.Equal("0:1", rig.Plan());
        Assert.Contains("NaN", rig.Newest.PolicyFault!.Message);
    }

    [Fact]
    public void PolicyFailsOnTheSecondAsking_AdmitsFirstComeFirstServed()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView r) =>
            r.Phase == RequestPhase.Preempted ? throw new InvalidOperationException("broken") : new(r.Priority, 0)));
        rig.Enqueue(output: 9, priority: 1);
        rig.Step();
        rig.Clock.Advance(EngineRig.StepTime);
        rig.Enqueue(priority: 0);

        Assert.Equal("0:2 -0", rig.Plan());
        Assert.Equal("broken", rig.Newest.PolicyFault!.Message);
    }
}
