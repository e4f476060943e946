namespace LlmScheduling.Tests;

public sealed class PrefillByKeyTests
{
    private static readonly TokenAllocation ByKey = new() { PrefillOrder = PrefillOrder.ByKey };

    // The prompt still to be computed, as a savable-first policy would have it.
    private static readonly KeyedBy ShortestRemaining = new((in RequestView r) => new(0, r.TokensToCompute));

    [Fact]
    public void ShortPrompt_OvertakesALongOneInMidPrefill()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10 }, ShortestRemaining, ByKey);
        rig.Enqueue(prompt: 100, output: 2);
        Assert.Equal("0:10", rig.Step());
        rig.Enqueue(prompt: 8, output: 2);

        Assert.Equal(["1:8 0:2", "1:1 0:9", "0:10"], rig.Steps(3));
    }

    [Fact]
    public void ShortPrompt_UnderAdmissionOrder_Waits()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10 }, ShortestRemaining);
        rig.Enqueue(prompt: 20, output: 2);
        rig.Step();
        rig.Enqueue(prompt: 8, output: 2);

        Assert.Equal(["0:10", "0:1 1:8"], rig.Steps(2));
    }

    [Fact]
    public void Decodes_GoBeforeAllPrefills()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 4 }, new KeyedBy((in RequestView r) => new(0, -r.Id.Sequence)), ByKey);
        rig.Enqueue(prompt: 4, output: 9);
        rig.Step();
        rig.Enqueue(prompt: 9, output: 9);

        Assert.Equal(["0:1 1:3", "0:1 1:3"], rig.Steps(2));
    }

    [Fact]
    public void OpenPrefill_GoesByTierAndScoreWhateverItsBand()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10, MaxSequences = 2 }, new KeyedBy((in RequestView r) =>
            r.Phase == RequestPhase.Running ? new(0, 7, 1) : new(0, 7, r.Priority)), ByKey);
        rig.Enqueue(prompt: 30);
        rig.Step();
        rig.Enqueue(prompt: 3, priority: 2);
        Assert.Equal("0:10", rig.Step());
        rig.Enqueue(prompt: 3, priority: 0);

        Assert.Equal("2:3 0:7", rig.Step());
    }

    [Fact]
    public void OpenPrefillWhosePolicyKeepsItsSeat_IsComparedInTheWaitingBand()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10 }, new KeyedBy((in RequestView r) =>
            r.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(3, -1)), ByKey);
        rig.Enqueue(prompt: 30);
        rig.Step();
        rig.Enqueue(prompt: 3);

        Assert.Equal("1:3 0:7", rig.Step());
    }

    [Fact]
    public void MaxOpenPrefills_BoundsThoseWhoStayOpen()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 12, PrefillChunkTokens = 4 }, allocation: ByKey with { MaxOpenPrefills = 2 });
        rig.Enqueue(prompt: 8);
        rig.Enqueue(prompt: 8);
        rig.Enqueue(prompt: 8);
        rig.Enqueue(prompt: 3);

        Assert.Equal(["0:4 1:4", "0:4 1:4 2:4", "2:4 3:3"], rig.Steps(3));
    }

    [Fact]
    public void MaxOpenPrefills_OneCloses_OneOtherMayStayOpen()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 40, PrefillChunkTokens = 4 }, allocation: ByKey with { MaxOpenPrefills = 2 });
        rig.Enqueue(prompt: 8);
        rig.Enqueue(prompt: 12);
        rig.Enqueue(prompt: 12);
        rig.Enqueue(prompt: 12);

        Assert.Equal(["0:4 1:4", "0:4 1:4 2:4"], rig.Steps(2));
    }

    [Fact]
    public void MaxOpenPrefillsReached_APromptThatFitsWholeIsAdmittedByLookAhead()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 12, PrefillChunkTokens = 4 }, allocation: ByKey with { MaxOpenPrefills = 1, LookAheadRequests = 1 });
        rig.Enqueue(prompt: 8);
        rig.Enqueue(prompt: 8);
        rig.Enqueue(prompt: 3);

        Assert.Equal("0:4 2:3", rig.Step());
    }

    [Fact]
    public void WaitingRequestsAheadThatMayNotStart_DoNotStarveAnOpenPrefill()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 5 }, new KeyedBy((in RequestView r) => new(0, -r.Id.Sequence)), ByKey with { MaxOpenPrefills = 1 });
        rig.Enqueue(prompt: 4, output: 99);
        rig.Step();
        rig.Enqueue(prompt: 20, output: 2);
        Assert.Equal("0:1 1:4", rig.Step());
        for (int i = 0; i < 9; i++)
            rig.Enqueue(prompt: 30);

        Assert.Equal("0:1 1:4", rig.Step());
    }

    [Fact]
    public void OpenPrefillWithoutKvBlocks_WaitsForDecodesAndPreemptsNobody()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 3, PrefillChunkTokens = 16 }, allocation: ByKey);
        rig.Enqueue(prompt: 16, output: 3);
        rig.Enqueue(prompt: 32, output: 2);
        Assert.Equal("0:16 1:16", rig.Step());

        Assert.Equal(["0:1", "0:1", "1:16"], rig.Steps(3));
    }

    [Fact]
    public void NothingButOpenPrefillsWithoutKvBlocks_TheLatestYields()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 3, PrefillChunkTokens = 16 }, allocation: ByKey);
        rig.Enqueue(prompt: 48);
        rig.Enqueue(prompt: 48);
        Assert.Equal("0:16 1:16", rig.Step());
        Assert.Equal("0:16", rig.Step());

        Assert.Equal(["0:16 -1", "1:16", "1:16", "1:16"], rig.Steps(4));
    }
}
