namespace LlmScheduling.Tests;

public sealed class RankerRaceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private bool _hold;

    [Fact]
    public void Ranker_ThatStalls_CostsOrderNeverLatency()
    {
        using var ranker = new ScriptedRanker();
        using EngineRig rig = ShortestRanked(ranker);
        RequestTicket ticket = rig.Enqueue(text: "a long story");
        Assert.Equal("0:1", rig.Plan());
        ranker.WaitUntilAskedFor(ticket);
        rig.Complete();

        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
        Assert.Equal("none", rig.Step());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Ranker_ThatStallsOrThrows_ChangesNoPlanOfWhoIsUnranked(bool throws, bool isInForce)
    {
        using var ranker = new ScriptedRanker { Throws = throws };
        if (throws)
            ranker.Open();
        using EngineRig alone = new(new() { MaxSequences = 2 }, new ShortestRankedFirst()), ranked = new(new() { MaxSequences = 2 }, new ShortestRankedFirst(), ranker: isInForce ? new RankerInForce(ranker) : ranker);
        for (int i = 0; i < 6; i++)
        {
            alone.Enqueue(prompt: 3, output: 6 - i, text: new string('w', 9 - i));
            ranked.Enqueue(prompt: 3, output: 6 - i, text: new string('w', 9 - i));
            Assert.Equal(alone.Step(), ranked.Step());
        }

        Assert.Equal(alone.Steps(30), ranked.Steps(30));
    }

    [Fact]
    public void Ranker_ScoresThatComeLate_AreForThoseWhoStillWait()
    {
        using var ranker = new ScriptedRanker();
        using EngineRig rig = ShortestRanked(ranker);
        RequestTicket[] tickets = [.. new[] { "wwww", "www", "ww", "w" }.Select(prompt => rig.Enqueue(text: prompt))];
        Assert.Equal("0:1", rig.Plan());
        ranker.WaitUntilAskedFor(tickets[0]);
        rig.Complete();
        Assert.Equal(RequestOutcome.Completed, tickets[0].Ended());
        _hold = true;
        ranker.Open();
        ranker.WaitUntilAskedFor(tickets[3]);
        RequestTicket last = rig.Enqueue(text: "longest");
        Assert.Equal("none", rig.Step());
        ranker.WaitUntilAskedFor(last);
        _hold = false;

        // The first has ended; its score changes nothing, those of the others do.
        Assert.Equal(["3:1", "2:1", "1:1", "4:1"], rig.Steps(4));
    }

    [Fact]
    public void Ranker_ThatThrows_LeavesRequestsUnrankedAndIsAskedAgain()
    {
        using var ranker = new ScriptedRanker { Throws = true };
        using EngineRig rig = ShortestRanked(ranker);
        ranker.Open();
        RequestTicket first = rig.Enqueue(text: "a");
        Assert.Equal("0:1", rig.Plan());
        ranker.WaitUntilAskedFor(first);
        rig.Complete();
        ranker.Throws = false;
        RequestTicket second = rig.Enqueue(text: "b");
        Assert.Equal("1:1", rig.Plan());
        ranker.WaitUntilAskedFor(second);
        rig.Complete();

        Assert.Equal((RequestOutcome.Completed, RequestOutcome.Completed), (first.Ended(), second.Ended()));
    }

    [Fact]
    public void Ranker_RequestWithoutPrompt_IsNeverAskedFor()
    {
        using var ranker = new ScriptedRanker();
        using EngineRig rig = ShortestRanked(ranker);
        RequestTicket silent = rig.Enqueue(output: 9), text = rig.Enqueue(text: "text");
        rig.Step();
        ranker.WaitUntilAskedFor(text);

        Assert.False(ranker.WasAskedFor(silent));
    }

    [Fact]
    public void Ranker_ThatThrowsWhenItIsStopped_EndsItsThreadOnly()
    {
        using var ranker = new ScriptedRanker { Throws = true };
        EngineRig rig = ShortestRanked(ranker);
        RequestTicket ticket = rig.Enqueue(text: "a");
        rig.Plan();
        ranker.WaitUntilAskedFor(ticket);
        rig.Dispose();
        ranker.Open();

        Assert.True(ranker.Thread!.Join(Patience));
        Assert.Equal(RequestOutcome.ShutDown, ticket.Ended());
    }

    [Fact]
    public void Dispose_WhileTheRankerStalls_StopsItAndDoesNotWait()
    {
        using var ranker = new ScriptedRanker();
        EngineRig rig = ShortestRanked(ranker);
        RequestTicket ticket = rig.Enqueue(text: "a");
        rig.Plan();
        ranker.WaitUntilAskedFor(ticket);
        rig.Dispose();

        Assert.True(ranker.Token.IsCancellationRequested);
        Assert.True(ranker.Thread!.IsAlive);
        ranker.Open();
        Assert.True(ranker.Thread.Join(Patience));
    }

    private EngineRig ShortestRanked(IRequestRanker ranker) => new(
        new() { MaxSequences = 1 },
        new KeyedBy((in RequestView r) =>
            r.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat
            : _hold ? PriorityKey.Hold
            : new(0, r.IsRanked ? r.RankScore : float.MaxValue)),
        ranker: ranker);
}
