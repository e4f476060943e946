namespace LlmScheduling.Tests;

public sealed class RankerSwapTests
{
    private readonly ScriptedRanker _old = new(), _new = new();
    private readonly RankerInForce _inForce;
    private bool _hold = true;

    public RankerSwapTests()
    {
        _inForce = new RankerInForce(_old);
        _old.Open();
    }

    [Fact]
    public void Swap_WhileTheNewRankerStalls_OldScoresServeAndThenAllChangeInOneStep()
    {
        using EngineRig rig = ScoredByOld(out RequestTicket[] tickets);
        Assert.Equal("0:1", rig.Step());
        _inForce.Current = Of(_new, score => -score);
        _new.WaitUntilAskedFor(tickets[1]);
        Assert.Equal("1:1", rig.Step());
        OpenNew(rig, "yy");

        Assert.Equal(["4:1", "3:1", "2:1", "6:1"], rig.Steps(4));
    }

    [Fact]
    public void Swap_ToARankerThatRanksNobody_IsFirstComeFirstServedAgain()
    {
        using EngineRig rig = ScoredByOld(out RequestTicket[] tickets, "wwww", "www", "ww", "w");
        Assert.Equal("3:1", rig.Step());
        _inForce.Current = Of(_new, _ => float.NaN);
        _new.WaitUntilAskedFor(tickets[0]);
        OpenNew(rig, "y");

        Assert.Equal(["0:1", "1:1", "2:1", "4:1", "6:1"], rig.Steps(5));
    }

    [Fact]
    public void Swap_ToARankerThatThrows_LosesNobodyAndKeepsNoOldScore()
    {
        using EngineRig rig = ScoredByOld(out RequestTicket[] tickets, "wwww", "www", "ww", "w");
        _new.Throws = true;
        _inForce.Current = _new;
        _new.WaitUntilAskedFor(tickets[0]);
        OpenNew(rig, "y");

        Assert.Equal(["0:1", "1:1", "2:1", "3:1", "4:1", "6:1"], rig.Steps(6));
        Assert.All(tickets, ticket => Assert.Equal(RequestOutcome.Completed, ticket.Ended()));
    }

    [Fact]
    public void Swap_ForSeveralSchedulers_ReachesEach()
    {
        using EngineRig one = ScoredByOld(out RequestTicket[] tickets), other = new(new() { MaxSequences = 1 }, Order, ranker: _inForce);
        RequestTicket inOther = other.Enqueue(text: "abc");
        other.Step();
        _old.WaitUntilAskedFor(inOther);
        _inForce.Current = _new;
        _new.Open();

        _new.WaitUntilAskedFor(tickets[0]);
        _new.WaitUntilAskedFor(inOther);
    }

    [Fact]
    public void Current_OfItselfOrNull_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => _inForce.Current = _inForce);
        Assert.Throws<ArgumentNullException>(() => _inForce.Current = null!);
    }

    [Fact]
    public void Predict_ByARankerThatPredictsNothing_IsUnknown()
    {
        LengthEstimate[] estimates = [new(3, 1)];
        _inForce.Predict([new RankingInput(new RequestId(0), "x".AsMemory(), 1, 9, "")], [1], estimates);

        Assert.False(estimates[0].IsKnown);
    }

    private ISchedulingPolicy Order => new KeyedBy((in RequestView r) =>
        r.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat
        : _hold ? PriorityKey.Hold
        : new(0, r.IsRanked ? r.RankScore : float.MaxValue));

    private static DelegateRanker Of(ScriptedRanker ranker, Func<float, float> change) => new(async (requests, scores, cancellationToken) =>
    {
        await ranker.RankAsync(requests, scores, cancellationToken);
        for (int i = 0; i < scores.Length; i++)
            scores.Span[i] = change(scores.Span[i]);
    });

    /// <summary>A scheduler with five requests, the first four by <paramref name="prompts"/>, that the old ranker has scored by length.</summary>
    private EngineRig ScoredByOld(out RequestTicket[] tickets, params string[] prompts)
    {
        var rig = new EngineRig(new() { MaxSequences = 1 }, Order, ranker: _inForce);
        tickets = [.. (prompts.Length > 0 ? prompts : ["w", "ww", "www", "wwww"]).Select(prompt => rig.Enqueue(text: prompt))];
        rig.Step();
        _old.WaitUntilAskedFor(tickets[^1]);
        RequestTicket last = rig.Enqueue(text: "longest of all");
        rig.Step();
        _old.WaitUntilAskedFor(last);
        tickets = [.. tickets, last];
        RequestTicket probe = rig.Enqueue(text: "probe");
        rig.Step();
        _old.WaitUntilAskedFor(probe);
        rig.Scheduler.Cancel(probe.Id);
        rig.Step();
        _hold = false;
        return rig;
    }

    /// <summary>Lets the new ranker answer, and returns once its answers about everybody are posted: one more that arrives is asked for only after that.</summary>
    private void OpenNew(EngineRig rig, string prompt)
    {
        _hold = true;
        RequestTicket probe = rig.Enqueue(text: prompt);
        Assert.Equal("none", rig.Step());
        _new.Open();
        _new.WaitUntilAskedFor(probe);
        _hold = false;
    }
}
