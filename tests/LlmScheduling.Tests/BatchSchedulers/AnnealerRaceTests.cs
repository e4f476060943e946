namespace LlmScheduling.Tests;

public sealed class AnnealerRaceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private bool _hold = true;
    private int _seen;

    [Fact]
    public void Plan_WhenItComes_IsInForceForAllInOneStep()
    {
        using var annealer = new ScriptedAnnealer();
        using EngineRig rig = ByPlan(annealer);
        for (int i = 0; i < 4; i++)
            rig.Enqueue();
        Assert.Equal("none", rig.Step());
        annealer.WaitUntilAsked();
        Assert.Equal([0, 1, 2, 3], annealer.Waiting);
        _hold = false;
        Assert.Equal("0:1", rig.Step());
        _hold = true;
        Assert.Equal("none", rig.Step());
        AnswerAndRead(rig, annealer);

        // The step that saw the first place saw them all; request 0 has ended.
        Assert.Equal(3, _seen);
        rig.Enqueue();
        _hold = false;
        Assert.Equal(["3:1", "2:1", "1:1", "4:1", "none"], rig.Steps(5));
    }

    [Fact]
    public void Annealer_ThatStandsStill_IsNeitherWaitedForNorAskedAgain()
    {
        using var annealer = new ScriptedAnnealer();
        using EngineRig rig = ByPlan(annealer);
        _hold = false;
        RequestTicket[] tickets = [.. Enumerable.Range(0, 5).Select(_ => rig.Enqueue())];
        Assert.Equal("0:1", rig.Step());
        annealer.WaitUntilAsked();
        rig.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["1:1", "2:1", "3:1", "4:1"], rig.Steps(4));
        Assert.All(tickets, ticket => Assert.Equal(RequestOutcome.Completed, ticket.Ended()));
        Assert.False(annealer.IsAsked);
    }

    [Fact]
    public void Annealer_ThatThrows_IsCountedLeavesTheOrderAndIsAskedAgain()
    {
        using var annealer = new ScriptedAnnealer { Throws = true };
        using EngineRig rig = ByPlan(annealer);
        rig.Enqueue();
        rig.Enqueue();
        rig.Step();
        annealer.WaitUntilAsked();
        annealer.Answer();
        Assert.True(SpinWait.SpinUntil(() => rig.Scheduler.AnnealerFaults == 1, Patience));
        annealer.Throws = false;
        rig.Enqueue();
        rig.Clock.Advance(Interval);

        // The fault is counted a moment before the loop is free again.
        Assert.True(SpinWait.SpinUntil(() => rig.Step() == "none" && annealer.IsAsked, Patience));
        annealer.WaitUntilAsked();
        AnswerAndRead(rig, annealer);
        _hold = false;

        Assert.Equal(["2:1", "1:1", "0:1"], rig.Steps(3));
        Assert.Equal(1, rig.Scheduler.AnnealerFaults);
    }

    [Fact]
    public void Collect_QueueUnchangedOrTooSoon_DoesNotAsk()
    {
        using var annealer = new ScriptedAnnealer();
        using EngineRig rig = ByPlan(annealer);
        rig.Enqueue();
        rig.Step();
        annealer.WaitUntilAsked();
        AnswerAndRead(rig, annealer);
        rig.Step();
        rig.Clock.Advance(2 * Interval);
        rig.Step();
        Assert.False(annealer.IsAsked);

        rig.Enqueue();
        rig.Step();
        annealer.WaitUntilAsked();
        AnswerAndRead(rig, annealer);
        rig.Enqueue();
        rig.Step();
        Assert.False(annealer.IsAsked);
    }

    [Fact]
    public void Dispose_WhileTheAnnealerStandsStill_StopsItAndDoesNotWait()
    {
        using var annealer = new ScriptedAnnealer();
        EngineRig rig = ByPlan(annealer);
        RequestTicket ticket = rig.Enqueue();
        rig.Step();
        annealer.WaitUntilAsked();
        rig.Dispose();

        Assert.Equal(RequestOutcome.ShutDown, ticket.Ended());
        Assert.True(annealer.Token.IsCancellationRequested);
        Assert.True(annealer.Thread!.IsAlive);
        annealer.Answer();
        Assert.True(annealer.Thread.Join(Patience));
    }

    /// <summary>Lets the annealer answer and steps until the policy sees the plan; nobody may be admitted meanwhile.</summary>
    private void AnswerAndRead(EngineRig rig, ScriptedAnnealer annealer)
    {
        Assert.True(_hold);
        _seen = 0;
        annealer.Answer();
        Assert.True(SpinWait.SpinUntil(() => rig.Step() == "none" && _seen > 0, Patience), "The plan does not come.");
    }

    private EngineRig ByPlan(IQueueAnnealer annealer) => new(
        new() { MaxSequences = 1 },
        new KeyedBy((in RequestView r) =>
        {
            _seen += r.PlannedPosition < 0 ? 0 : 1;
            return r.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat
                : _hold ? PriorityKey.Hold
                : new(0, r.PlannedPosition < 0 ? double.MaxValue : r.PlannedPosition);
        }),
        annealer: annealer);
}
