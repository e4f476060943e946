namespace LlmScheduling.Tests;

public sealed class KvPressureTests
{
    [Fact]
    public void Admission_OnDemand_NeedsBlocksForTheGrantOnly()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 3, PrefillChunkTokens = 16 });
        rig.Enqueue(prompt: 30, output: 2);
        rig.Enqueue(prompt: 16, output: 1);
        rig.Enqueue(prompt: 1, output: 1);

        Assert.Equal("0:16 1:16 2:1", rig.Step());
    }

    [Fact]
    public void Admission_WholePrompt_NeedsBlocksForThePromptButNotTheOutput()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 3, PrefillChunkTokens = 16, KvReservation = KvReservation.WholePrompt });
        rig.Enqueue(prompt: 32, output: 17);
        rig.Enqueue(prompt: 17, output: 1);
        rig.Enqueue(prompt: 1, output: 1);

        Assert.Equal("0:16", rig.Step());
    }

    [Fact]
    public void Admission_WholeContext_NeedsBlocksForPromptAndLongestOutput()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 3, KvReservation = KvReservation.WholeContext });
        rig.Enqueue(prompt: 16, output: 17);
        rig.Enqueue(prompt: 16, output: 2);

        Assert.Equal("0:16", rig.Step());
        Assert.All(rig.Steps(16), plan => Assert.Equal("0:1", plan));
        Assert.Equal("1:16", rig.Step());
    }

    [Fact]
    public void Admission_WholeContextWithRoomToTheToken_AdmitsBoth()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 3, KvReservation = KvReservation.WholeContext });
        rig.Enqueue(prompt: 16, output: 17);
        rig.Enqueue(prompt: 16, output: 1);

        Assert.Equal("0:16 1:16", rig.Step());
    }

    [Fact]
    public void Pressure_WithoutVictimPolicy_PreemptsTheLatestAdmitted()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 3 }, KeyedBy.Priority);
        rig.Enqueue(prompt: 16, output: 9, priority: 5);
        rig.Enqueue(prompt: 1, output: 9, priority: 9);
        rig.Enqueue(prompt: 1, output: 9, priority: 7);
        Assert.Equal("0:16 2:1 1:1", rig.Step());

        Assert.Equal("0:1 2:1 -1", rig.Step());
    }

    [Fact]
    public void Pressure_WithVictimPolicy_PreemptsTheLargestKeyThenTheLatestArrival()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 4 }, KeyedBy.Priority, victimPolicy: KeyedBy.PriorityBand);
        rig.Enqueue(prompt: 16, output: 9, priority: 5);
        rig.Enqueue(prompt: 1, output: 9, priority: 7);
        rig.Clock.Advance(EngineRig.StepTime);
        rig.Enqueue(prompt: 1, output: 9, priority: 7);
        rig.Enqueue(prompt: 1, output: 9, priority: 6);
        Assert.Equal("0:16 3:1 1:1 2:1", rig.Step());

        Assert.Equal("0:1 3:1 1:1 -2", rig.Step());
    }

    [Fact]
    public void Pressure_VictimAlreadyGranted_ItsTokensGoBackToTheBudget()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 4, KvBlockTokens = 32, MaxBatchTokens = 10 }, victimPolicy: KeyedBy.PriorityBand);
        rig.Enqueue(output: 9);
        rig.Enqueue(output: 9, priority: 9);
        rig.Enqueue(prompt: 32, output: 9, hint: 31, cached: 31);
        rig.Enqueue(prompt: 30, output: 9);
        Assert.Equal("0:1 1:1 2:1 3:7", rig.Step());

        // Request 2 needs the block of request 1, whose grant of 1 goes to request 3.
        Assert.Equal("0:1 2:1 3:8 -1", rig.Step());
    }

    [Fact]
    public void Pressure_VictimInMidPrefill_ItsTokensGoToTheNextPrefill()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 7, KvBlockTokens = 4, MaxBatchTokens = 10, PrefillChunkTokens = 6 }, victimPolicy: KeyedBy.PriorityBand);
        rig.Enqueue(prompt: 24, priority: 9);
        rig.Enqueue(prompt: 3, output: 9);
        Assert.Equal("0:6 1:3", rig.Step());
        rig.Enqueue(prompt: 20);
        Assert.Equal("0:6 1:1 2:3", rig.Step());

        // Request 1 needs a block; the 6 tokens of request 0 leave 9 for request 2, of which its chunk takes 6.
        Assert.Equal("1:1 2:6 -0", rig.Step());
    }

    [Fact]
    public void Pressure_VictimIsTheOneThatNeedsTheBlock_TheNextRunningRequestIsTried()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 2 }, victimPolicy: KeyedBy.PriorityBand);
        rig.Enqueue(prompt: 16, output: 9, priority: 9);
        rig.Enqueue(prompt: 2, output: 9);
        Assert.Equal("0:16 1:2", rig.Step());

        Assert.Equal("1:1 -0", rig.Step());
    }

    [Fact]
    public void Pressure_OneVictimIsNotEnough_PreemptsUntilItFits()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 5, KvBlockTokens = 4, PrefillChunkTokens = 8 });
        rig.Enqueue(prompt: 16, output: 2);
        rig.Enqueue(output: 9);
        rig.Enqueue(output: 9);
        rig.Enqueue(output: 9);
        Assert.Equal("0:8 1:1 2:1 3:1", rig.Step());

        Assert.Equal("0:8 1:1 -3 -2", rig.Step());
    }

    [Fact]
    public void Pressure_InTheStep_NobodyIsAdmitted()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 3, KvBlockTokens = 4, MaxSequences = 9 });
        rig.Enqueue(prompt: 4, output: 5);
        rig.Enqueue(prompt: 8, output: 2);
        Assert.Equal("0:4 1:8", rig.Step());
        rig.Enqueue(prompt: 1, output: 1);

        Assert.Equal("0:1 -1", rig.Step());
        Assert.Equal("0:1", rig.Step());
        Assert.Equal(["0:1", "0:1", "1:9", "2:1"], rig.Steps(4));
    }

    [Fact]
    public void Preempted_ServedLater_KeepsItsTokensAndItsArrival()
    {
        var ended = new EndedRequests();
        using var rig = new EngineRig(new() { KvTotalBlocks = 2 }, victimPolicy: KeyedBy.PriorityBand, observer: ended);
        rig.Enqueue(prompt: 15, output: 4, priority: 1);
        rig.Enqueue(prompt: 16, output: 2);
        Assert.Equal(["0:15 1:16", "1:1 -0"], rig.Steps(2));
        rig.Steps(9);

        EndedRequest first = ended.All.Single(request => request.Id.Sequence == 0);
        Assert.Equal((1, 4, TimeSpan.Zero, TimeSpan.Zero, EngineRig.StepTime), (first.Preemptions, first.GeneratedTokens, first.ArrivedAt, first.AdmittedAt, first.FirstTokenAt));
    }

    [Fact]
    public void Pressure_VictimPolicyThrows_TakesTheLatestAdmittedAndIsCounted()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 2 }, victimPolicy: new KeyedBy((in RequestView _) => throw new InvalidOperationException("broken")));
        rig.Enqueue(prompt: 16, output: 9);
        rig.Enqueue(prompt: 1, output: 9);
        rig.Step();

        Assert.Equal("0:1 -1", rig.Plan());
        Assert.Equal("broken", rig.Newest.PolicyFault!.Message);
        Assert.Equal(1, rig.Scheduler.PolicyFaults);
    }

    [Fact]
    public void Pressure_VictimPolicyAnswersNaN_TakesTheLatestAdmittedAndIsCounted()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 2 }, victimPolicy: new KeyedBy((in RequestView r) => new(0, r.Id.Sequence == 0 ? double.NaN : 0)));
        rig.Enqueue(prompt: 16, output: 9);
        rig.Enqueue(prompt: 1, output: 9);
        rig.Step();

        Assert.Equal("0:1 -1", rig.Plan());
        Assert.Contains("NaN", rig.Newest.PolicyFault!.Message);
        Assert.Equal(1, rig.Scheduler.PolicyFaults);
    }

    [Fact]
    public void Pressure_VictimPolicyThrowsHalfway_IsAskedOnceAStepAndNoneOfItsKeysIsRead()
    {
        int asked = 0;
        using var rig = new EngineRig(new() { KvTotalBlocks = 5, KvBlockTokens = 4, PrefillChunkTokens = 8 }, victimPolicy: new KeyedBy((in RequestView r) =>
        {
            asked += r.Id.Sequence == 0 ? 1 : 0;
            return r.Id.Sequence == 3 ? throw new InvalidOperationException("broken") : new((int)-r.Id.Sequence, 0);
        }));
        rig.Enqueue(prompt: 16, output: 2);
        rig.Enqueue(output: 9);
        rig.Enqueue(output: 9);
        rig.Enqueue(output: 9);
        Assert.Equal("0:8 1:1 2:1 3:1", rig.Step());

        Assert.Equal("0:8 1:1 -3 -2", rig.Step());
        Assert.Equal((1, 1), (asked, rig.Scheduler.PolicyFaults));
    }

    [Fact]
    public void FreeBlocks_FewerThanWeCount_HoldAdmissionBack()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 10 });
        rig.Enqueue(prompt: 33);

        Assert.Equal("none", rig.Step(freeKvBlocks: 2));
        Assert.Equal("0:33", rig.Step(freeKvBlocks: 3));
    }

    [Fact]
    public void FreeBlocks_MoreThanWeCount_AreUsed()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 4 });
        rig.Enqueue(prompt: 48, output: 9);
        rig.Step(freeKvBlocks: 4);
        rig.Enqueue(prompt: 17);

        // Blocks that two requests share are ours twice; the engine knows better.
        Assert.Equal("0:1 1:17", rig.Step(freeKvBlocks: 3));
    }

    [Fact]
    public void FreeBlocks_MoreThanThereAre_AreNotBelieved()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 4 });
        rig.Enqueue(prompt: 48, output: 9);
        rig.Enqueue(prompt: 48, output: 9);

        Assert.Equal("0:48", rig.Step(freeKvBlocks: int.MaxValue - 1));
    }

    [Fact]
    public void FreeBlocks_LessWhatIsSetAsideAndNotTakenYet_AreFree()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 6, PrefillChunkTokens = 16, KvReservation = KvReservation.WholePrompt });
        rig.Enqueue(prompt: 64);
        rig.Step(freeKvBlocks: 6);
        rig.Enqueue(prompt: 48);

        // 5 are free in the engine, but 3 of them are the rest of request 0's prompt.
        Assert.Equal("0:16", rig.Step(freeKvBlocks: 5));
    }

    [Fact]
    public void FreeBlocks_FewerThanSetAside_PreemptNobodyWhoNeedsNone()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 8, PrefillChunkTokens = 16, KvReservation = KvReservation.WholeContext });
        rig.Enqueue(prompt: 60, output: 5);
        rig.Enqueue(prompt: 16, output: 5);
        Assert.Equal("0:16 1:16", rig.Step(freeKvBlocks: 8));

        Assert.Equal("0:16 1:1", rig.Step(freeKvBlocks: 0));
    }

    [Fact]
    public void FreeBlocks_NoneForALoneRequest_WaitsAndGoesOnLater()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 2 });
        RequestTicket ticket = rig.Enqueue(prompt: 16, output: 3);
        Assert.Equal("0:16", rig.Step(freeKvBlocks: 1));
        Assert.Equal("-0", rig.Step(freeKvBlocks: 0));
        Assert.Equal("none", rig.Step(freeKvBlocks: 0));

        Assert.Equal(["0:17", "0:1"], rig.Steps(2));
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
    }
}
