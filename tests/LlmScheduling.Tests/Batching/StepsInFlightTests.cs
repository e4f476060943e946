namespace LlmScheduling.Tests;

public sealed class StepsInFlightTests
{
    private static readonly BatchSchedulerOptions Two = new() { StepsInFlight = 2 };

    [Fact]
    public void SecondStep_AssumesThatTheFirstDoesAsPlanned()
    {
        using var rig = new EngineRig(Two);
        RequestTicket ticket = rig.Enqueue(prompt: 10, output: 3);
        Assert.Equal("0:10", rig.Plan());
        Assert.Equal("0:1", rig.Plan());
        rig.Complete();
        Assert.Equal("0:1", rig.Plan());
        rig.Complete();
        Assert.Equal("none", rig.Plan());
        rig.Complete();

        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
        Assert.Equal("none", rig.Plan());
    }

    [Fact]
    public void ThirdStep_Throws()
    {
        using var rig = new EngineRig(Two);
        rig.Enqueue(output: 9);
        rig.Plan();
        rig.Plan();

        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => rig.Scheduler.PlanStep());
        Assert.Contains("CompleteStep of step 1", thrown.Message);
        rig.Complete();
        Assert.Equal("0:1", rig.Plan());
    }

    [Fact]
    public void Steps_CompleteInOrder()
    {
        using var rig = new EngineRig(Two);
        rig.Enqueue(output: 9);
        rig.Plan();
        rig.Plan();

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => rig.Scheduler.CompleteStep(new StepResult { Step = 2, Duration = default, Progress = [] }));
        Assert.Contains("step 1 is the oldest in flight", thrown.Message);
        rig.CompleteAll();
        Assert.Equal("0:1", rig.Plan());
    }

    [Fact]
    public void Plan_WhileTheNextIsPlanned_KeepsItsContents()
    {
        using var rig = new EngineRig(Two);
        rig.Enqueue(prompt: 5, output: 9);
        rig.Plan();
        BatchPlan first = rig.Newest;
        rig.Enqueue(prompt: 7, output: 9);
        rig.Plan();

        Assert.Equal(("0:5", "0:1 1:7"), (EngineRig.TextOf(first), EngineRig.TextOf(rig.Newest)));
    }

    [Fact]
    public void FirstStepDidLess_TheRestIsGrantedAgain()
    {
        using var rig = new EngineRig(Two);
        RequestTicket ticket = rig.Enqueue(prompt: 10, output: 3);
        rig.Plan();
        Assert.Equal("0:1", rig.Plan());
        rig.CompleteWith(new RequestProgress(ticket.Id, 4, 0));

        // The step in flight is still taken to bring one token: 10 - 4, the one it emits, the one it computes.
        Assert.Equal("0:6", rig.Plan());
        rig.CompleteWith();
        rig.CompleteWith(new RequestProgress(ticket.Id, 6, 1));
        Assert.Equal("0:1", rig.Plan());
    }

    [Fact]
    public void FinishedWhileInFlight_ProgressOfTheLaterStepIsIgnored()
    {
        using var rig = new EngineRig(Two);
        RequestTicket ticket = rig.Enqueue(prompt: 10, output: 9), other = rig.Enqueue(prompt: 1, output: 9);
        rig.Plan();
        Assert.Equal("0:1 1:1", rig.Plan());
        rig.CompleteWith(new(ticket.Id, 10, 1, FinishReason.Stop), new(other.Id, 1, 1));
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
        Assert.Equal("1:1", rig.Plan());
        rig.CompleteWith(new(ticket.Id, 1, 1), new(other.Id, 1, 1));

        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
        Assert.Equal(1, rig.Scheduler.LiveCount);
    }

    [Fact]
    public void PreemptedWhileInFlight_ItsTokensCountAndItsKvDoesNot()
    {
        var ended = new EndedRequests();
        using var rig = new EngineRig(new() { StepsInFlight = 2, MaxSequences = 1 }, KeyedBy.PriorityBand, observer: ended);
        RequestTicket ticket = rig.Enqueue(prompt: 4, output: 3, priority: 1);
        Assert.Equal("0:4", rig.Plan());
        RequestTicket taker = rig.Enqueue(prompt: 2, output: 1);
        Assert.Equal("1:2 -0", rig.Plan());
        rig.CompleteWith(new RequestProgress(ticket.Id, 4, 1));
        rig.CompleteWith(new RequestProgress(taker.Id, 2, 1));

        // One token was emitted all the same; all its KV is computed again.
        Assert.Equal("0:5", rig.Plan());
        rig.CompleteWith(new RequestProgress(ticket.Id, 5, 1));
        Assert.Equal("0:1", rig.Plan());
        rig.CompleteWith(new RequestProgress(ticket.Id, 1, 1));
        EndedRequest last = ended.All[^1];
        Assert.Equal((RequestOutcome.Completed, 3, 1), (last.Outcome, last.GeneratedTokens, last.Preemptions));
    }

    [Fact]
    public void PreemptedWhileInFlight_MayFinishByThatStep()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2, MaxSequences = 1, KvTotalBlocks = 8 }, KeyedBy.PriorityBand);
        RequestTicket ticket = rig.Enqueue(prompt: 4, output: 1, priority: 1);
        Assert.Equal("0:4", rig.Plan());
        rig.Enqueue(prompt: 2, output: 2);
        Assert.Equal("1:2 -0", rig.Plan());
        rig.CompleteWith(new RequestProgress(ticket.Id, 4, 1));

        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
        Assert.Equal(1, rig.Scheduler.LiveCount);
    }

    [Fact]
    public void PreemptedWhileInFlight_ProgressThatCannotBe_IsStillRefusedWhenNegative()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2, MaxSequences = 1 }, KeyedBy.PriorityBand);
        RequestTicket ticket = rig.Enqueue(prompt: 4, output: 3, priority: 1);
        rig.Plan();
        rig.Enqueue(prompt: 2, output: 1);
        rig.Plan();

        Assert.Throws<ArgumentException>(() => rig.Scheduler.CompleteStep(new StepResult { Step = 1, Duration = default, Progress = [new(ticket.Id, -1, 0)] }));
        rig.CompleteWith(new RequestProgress(ticket.Id, 4, 1));
        Assert.Null(ticket.Ended());
    }

    [Fact]
    public void SeatTakenAndGivenBackInOnePlan_CountsOnlyTheNewGrant()
    {
        // Preempted and admitted again by the same plan while a step of it runs: that step's KV is void, the new grant's is not.
        using var rig = new EngineRig(new() { StepsInFlight = 2, MaxSequences = 1 }, new KeyedBy((in RequestView r) =>
            r.Phase == RequestPhase.Running ? new(1, 0) : r.Phase == RequestPhase.Preempted ? new(-1, 0, 0) : new(0, 0)));
        RequestTicket ticket = rig.Enqueue(prompt: 4, output: 3);
        rig.Plan();
        rig.Enqueue(prompt: 2, output: 1);
        Assert.Equal("0:4 -0", rig.Plan());
        rig.CompleteWith(new RequestProgress(ticket.Id, 4, 1));
        rig.CompleteWith(new RequestProgress(ticket.Id, 4, 0));
        rig.Scheduler.Cancel(new RequestId(1));

        Assert.Equal("0:1", rig.Plan());
    }

    [Fact]
    public void KvBlocks_AreTakenForWhatIsInFlight()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2, KvTotalBlocks = 2 });
        rig.Enqueue(prompt: 16, output: 2);
        rig.Enqueue(prompt: 9, output: 9);
        Assert.Equal("0:16 1:9", rig.Plan());

        Assert.Equal("0:1 -1", rig.Plan());
    }
}
