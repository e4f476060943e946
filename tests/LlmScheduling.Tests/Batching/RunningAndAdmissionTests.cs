namespace LlmScheduling.Tests;

public sealed class RunningAndAdmissionTests
{
    [Fact]
    public void PlanStep_NothingThere_IsEmptyWithoutAStep()
    {
        using var rig = new EngineRig();

        Assert.Equal("none", rig.Plan());
        Assert.True(rig.Newest.IsEmpty);
        Assert.Equal(0, rig.Newest.Step);
    }

    [Fact]
    public void PlanStep_RunningRequests_GoFirstInAdmissionOrder()
    {
        using var rig = new EngineRig(policy: KeyedBy.Priority);
        rig.Enqueue(prompt: 4, output: 9, priority: 2);
        Assert.Equal("0:4", rig.Step());
        rig.Enqueue(prompt: 5, output: 9, priority: 1);
        Assert.Equal("0:1 1:5", rig.Step());
        rig.Enqueue(prompt: 6, output: 9, priority: 0);

        Assert.Equal("0:1 1:1 2:6", rig.Step());
    }

    [Fact]
    public void PlanStep_EqualKeys_GoById()
    {
        using var rig = new EngineRig(new() { MaxSequences = 2 }, new KeyedBy((in RequestView _) => new(0, 0)));
        for (int i = 0; i < 5; i++)
            rig.Enqueue(prompt: 2);

        Assert.Equal(["0:2 1:2", "2:2 3:2", "4:2", "none"], rig.Steps(4));
    }

    [Fact]
    public void PlanStep_TierThenBandThenScore_Order()
    {
        PriorityKey[] keys = [new(1, 0, 0), new(0, 1, 0), new(0, 0, 1), new(0, 0, 0), new(-1, 9, 9)];
        using var rig = new EngineRig(new() { MaxSequences = 5 }, new KeyedBy((in RequestView request) => keys[request.Id.Sequence]));
        foreach (PriorityKey _ in keys)
            rig.Enqueue();

        Assert.Equal("4:1 3:1 2:1 1:1 0:1", rig.Step());
    }

    [Fact]
    public void PlanStep_Seats_AreNeverExceeded()
    {
        using var rig = new EngineRig(new() { MaxSequences = 2 });
        rig.Enqueue(prompt: 3, output: 2);
        rig.Enqueue(prompt: 3, output: 1);
        rig.Enqueue(prompt: 3, output: 1);

        Assert.Equal(["0:3 1:3", "0:1 2:3", "none"], rig.Steps(3));
    }

    [Fact]
    public void PlanStep_TokenBudgetSpent_LaterRunningRequestsKeepTheirSeat()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 2, MaxSequences = 3 });
        rig.Enqueue(prompt: 1, output: 2);
        rig.Enqueue(prompt: 1, output: 3);
        Assert.Equal("0:1 1:1", rig.Step());
        rig.Enqueue(prompt: 2, output: 1);

        Assert.Equal(["0:1 1:1", "1:1 2:1", "2:1", "none"], rig.Steps(4));
    }

    [Fact]
    public void PlanStep_LongPrompt_IsChunkedByWhatIsLeftOfTheBudget()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10 });
        rig.Enqueue(prompt: 4, output: 9);
        Assert.Equal("0:4", rig.Step());
        rig.Enqueue(prompt: 20, output: 2);
        rig.Enqueue(prompt: 3, output: 2);

        Assert.Equal(["0:1 1:9", "0:1 1:9", "0:1 1:2 2:3", "0:1 1:1 2:1"], rig.Steps(4));
    }

    [Fact]
    public void PlanStep_PrefillChunkTokens_CapsEachRequestAndLeavesRoomForOthers()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10, PrefillChunkTokens = 4 });
        rig.Enqueue(prompt: 9, output: 1);
        rig.Enqueue(prompt: 6, output: 1);
        rig.Enqueue(prompt: 5, output: 1);

        Assert.Equal(["0:4 1:4 2:2", "0:4 1:2 2:3", "0:1", "none"], rig.Steps(4));
    }

    [Fact]
    public void PlanStep_WithoutChunkedPrefill_StopsAtThePromptThatDoesNotFit()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10, ChunkedPrefill = false });
        rig.Enqueue(prompt: 6);
        rig.Enqueue(prompt: 5);
        rig.Enqueue(prompt: 1);

        Assert.Equal(["0:6", "1:5 2:1", "none"], rig.Steps(3));
    }

    [Fact]
    public void PlanStep_HeldWaitingRequest_IsPassedOverWithoutEndingAdmission()
    {
        using var rig = new EngineRig(policy: new KeyedBy((in RequestView request) => request.Priority == 1 ? PriorityKey.Hold : new(0, 0)));
        rig.Enqueue(priority: 1);
        rig.Enqueue();

        Assert.Equal(["1:1", "none"], rig.Steps(2));
    }

    [Fact]
    public void PlanStep_HeldRunningRequest_GetsNothingAndKeepsItsSeat()
    {
        bool hold = false;
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView request) => hold && request.Id.Sequence == 0 ? PriorityKey.Hold : new(0, 0)));
        rig.Enqueue(prompt: 2, output: 3);
        rig.Enqueue(prompt: 2);
        Assert.Equal("0:2", rig.Step());
        hold = true;
        Assert.Equal("none", rig.Step());
        hold = false;

        Assert.Equal(["0:1", "0:1", "1:2"], rig.Steps(3));
    }

    [Fact]
    public void PlanStep_RefusedBeforeAdmission_EndsUnattainableAndTheRestIsServed()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView request) => request.Priority == 1 ? PriorityKey.Refuse : new(0, 0)));
        RequestTicket refused = rig.Enqueue(priority: 1), served = rig.Enqueue();

        Assert.Equal("1:1", rig.Step());
        Assert.Equal(RequestOutcome.Unattainable, refused.Ended());
        Assert.Equal(RequestOutcome.Completed, served.Ended());
    }

    [Fact]
    public void PlanStep_RefusedWhileRunning_IsHeld()
    {
        bool refuse = false;
        using var rig = new EngineRig(policy: new KeyedBy((in RequestView _) => refuse ? PriorityKey.Refuse : new(0, 0)));
        RequestTicket ticket = rig.Enqueue(prompt: 2, output: 2);
        Assert.Equal("0:2", rig.Step());
        refuse = true;
        Assert.Equal("none", rig.Step());
        Assert.Null(ticket.Ended());
        refuse = false;

        Assert.Equal("0:1", rig.Step());
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
    }

    [Fact]
    public void PlanStep_Shape_CountsDecodesContextPrefillAndAttention()
    {
        using var rig = new EngineRig(new() { PrefillChunkTokens = 8 });
        rig.Enqueue(prompt: 4, output: 9);
        rig.Step();
        rig.Enqueue(prompt: 12, output: 1);
        rig.Step();
        Assert.Equal("0:1 1:4", rig.Plan());

        // One decode with 4 + 2 tokens behind it; 4 prefill tokens after 8: 4 x (8 + 2).
        Assert.Equal(new BatchShape(1, 4, 6, 40), rig.Newest.Shape);
    }

    [Fact]
    public void Run_WorkedExample_MatchesEveryStep()
    {
        using var rig = new EngineRig(new() { MaxSequences = 2, KvTotalBlocks = 4, KvBlockTokens = 16 }, KeyedBy.Priority, victimPolicy: KeyedBy.PriorityBand);
        RequestTicket low = rig.Enqueue(prompt: 30, output: 5, priority: 1);
        Assert.Equal("0:30", rig.Plan());
        rig.Complete();
        RequestTicket high = rig.Enqueue(prompt: 32, output: 3, priority: 0);

        Assert.Equal(["0:1 1:32", "1:1 -0", "1:1"], rig.Steps(3));
        Assert.Equal(RequestOutcome.Completed, high.Ended());
        Assert.Equal(["0:32", "0:1", "0:1", "none"], rig.Steps(4));
        Assert.Equal(RequestOutcome.Completed, low.Ended());
    }
}
