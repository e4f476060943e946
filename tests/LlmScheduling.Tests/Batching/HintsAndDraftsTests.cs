namespace LlmScheduling.Tests;

public sealed class HintsAndDraftsTests
{
    [Fact]
    public void CachedPrefix_IsNotGranted()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 8 });
        rig.Enqueue(prompt: 100, output: 2, hint: 64, cached: 64);

        Assert.Equal(["0:36", "0:1", "none"], rig.Steps(3));
    }

    [Fact]
    public void CachedPrefixThatTheEngineDoesNotHave_IsComputedAfterAll()
    {
        using var rig = new EngineRig();
        RequestTicket ticket = rig.Enqueue(prompt: 100, output: 2, hint: 64);

        Assert.Equal(["0:36", "0:64", "0:1"], rig.Steps(3));
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
    }

    [Fact]
    public void CachedPrefixThatNobodyHinted_IsTakenFromTheProgress()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 50, KvTotalBlocks = 7 });
        rig.Enqueue(prompt: 100, output: 2, cached: 40);

        Assert.Equal(["0:50", "0:10", "0:1"], rig.Steps(3));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(int.MaxValue)]
    public void CachedPrefixOfTheWholePrompt_LeavesOneTokenToCompute(int hint)
    {
        using var rig = new EngineRig();
        rig.Enqueue(prompt: 100, output: 2, hint: hint, cached: 100);

        Assert.Equal(["0:1", "0:1", "none"], rig.Steps(3));
    }

    [Fact]
    public void ReportCachedPrefix_CorrectsTheHintBeforeAdmission()
    {
        using var rig = new EngineRig();
        RequestTicket ticket = rig.Enqueue(prompt: 100, hint: 64, cached: 32);
        rig.Scheduler.ReportCachedPrefix(ticket.Id, 32);

        Assert.Equal("0:68", rig.Step());
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
    }

    [Fact]
    public void CachedPrefix_OnDemand_TakesKvBlocksForThePrefixToo()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 7 });
        rig.Enqueue(prompt: 96, hint: 80, cached: 80);
        rig.Enqueue(prompt: 32);

        Assert.Equal("0:16", rig.Step());
    }

    [Fact]
    public void TokensPerDecode_GrantsDraftsUpToWhatIsLeftOfTheOutput()
    {
        using var rig = new EngineRig(new() { TokensPerDecode = 4 });
        RequestTicket ticket = rig.Enqueue(prompt: 10, output: 8);

        Assert.Equal(["0:10", "0:4", "0:3", "none"], rig.Steps(4));
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
    }

    [Fact]
    public void Drafts_SomeRejected_OnlyWhatHeldCounts()
    {
        var ended = new EndedRequests();
        using var rig = new EngineRig(new() { TokensPerDecode = 4, KvTotalBlocks = 4 }, observer: ended);
        RequestTicket ticket = rig.Enqueue(prompt: 10, output: 8);
        rig.Step();
        foreach ((string plan, int held) in (List<(string, int)>)[("0:4", 2), ("0:4", 1), ("0:4", 3), ("0:1", 1)])
        {
            Assert.Equal(plan, rig.Plan());
            rig.CompleteWith(new RequestProgress(ticket.Id, held, held));
        }

        Assert.Equal((RequestOutcome.Completed, 8), (ended.Single.Outcome, ended.Single.GeneratedTokens));
    }

    [Fact]
    public void TokensPerDecode_LimitedByBudgetAndChunk()
    {
        using var rig = new EngineRig(new() { TokensPerDecode = 4, MaxBatchTokens = 3, PrefillChunkTokens = 2 });
        rig.Enqueue(output: 20);
        rig.Enqueue(output: 20);
        Assert.Equal("0:1 1:1", rig.Step());

        Assert.Equal("0:2 1:1", rig.Step());
    }

    [Fact]
    public void PrefillOnly_TwoStepsInFlight_GoesOnChunkByChunk()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2, MaxBatchTokens = 5 });
        RequestTicket ticket = rig.Enqueue(prompt: 12, output: 0);
        Assert.Equal("0:5", rig.Plan());
        Assert.Equal("0:5", rig.Plan());
        rig.Complete();
        Assert.Equal("0:2", rig.Plan());
        rig.CompleteAll();

        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
    }
}
