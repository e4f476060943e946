namespace LlmScheduling.Tests;

public sealed class OutcomeTests
{
    [Fact]
    public void Outcome_WhileLive_IsNotCompleted()
    {
        using var rig = new EngineRig();
        RequestTicket ticket = rig.Enqueue(prompt: 2, output: 2);
        Assert.Null(ticket.Ended());
        rig.Step();
        Assert.Null(ticket.Ended());
        rig.Step();

        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
    }

    [Fact]
    public void Outcome_SynchronousContinuation_DoesNotRunOnTheEnginesThread()
    {
        using var rig = new EngineRig();
        RequestTicket ticket = rig.Enqueue();
        int engine = Environment.CurrentManagedThreadId, continued = engine;
        using var ran = new ManualResetEventSlim();
        _ = ticket.Outcome.ContinueWith(
            _ =>
            {
                continued = Environment.CurrentManagedThreadId;
                ran.Set();
            },
            TaskContinuationOptions.ExecuteSynchronously);
        rig.Step();

        Assert.True(ran.Wait(TimeSpan.FromSeconds(30)));
        Assert.NotEqual(engine, continued);
    }

    [Theory]
    [InlineData(FinishReason.Stop, RequestOutcome.Completed)]
    [InlineData(FinishReason.Length, RequestOutcome.Completed)]
    [InlineData(FinishReason.Failed, RequestOutcome.Failed)]
    public void CompleteStep_FinishBeforeTheLimit_EndsAndFreesTheSeat(FinishReason finish, RequestOutcome outcome)
    {
        var ended = new EndedRequests();
        using var rig = new EngineRig(new() { MaxSequences = 1, KvTotalBlocks = 1 }, observer: ended);
        RequestTicket ticket = rig.Enqueue(prompt: 2, output: 9);
        rig.Enqueue(prompt: 3);
        rig.Plan();
        rig.CompleteWith(new RequestProgress(ticket.Id, 2, 1, finish));

        Assert.Equal(outcome, ticket.Ended());
        Assert.Equal(finish, ended.Single.Finish);
        Assert.Equal("1:3", rig.Step());
    }

    [Fact]
    public void CompleteStep_LimitReached_EndsAsCutByLength()
    {
        var ended = new EndedRequests();
        using var rig = new EngineRig(observer: ended);
        rig.Enqueue(prompt: 2, output: 3);
        rig.Steps(3);

        Assert.Equal((RequestOutcome.Completed, FinishReason.Length, 3), (ended.Single.Outcome, ended.Single.Finish, ended.Single.GeneratedTokens));
    }

    [Fact]
    public void CompleteStep_PrefillOnly_EndsWhenItsPromptIsComputed()
    {
        var ended = new EndedRequests();
        using var rig = new EngineRig(new() { MaxBatchTokens = 5 }, observer: ended);
        RequestTicket ticket = rig.Enqueue(prompt: 12, output: 0);

        Assert.Equal(["0:5", "0:5", "0:2", "none"], rig.Steps(4));
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
        Assert.Equal((0, TimeSpan.MaxValue), (ended.Single.GeneratedTokens, ended.Single.FirstTokenAt));
    }

    [Fact]
    public void Cancel_InTheInbox_EndsWithTheNextPlan()
    {
        using var rig = new EngineRig();
        RequestTicket ticket = rig.Enqueue();
        rig.Scheduler.Cancel(ticket.Id);
        Assert.Null(ticket.Ended());

        Assert.Equal("none", rig.Plan());
        Assert.Equal(RequestOutcome.Cancelled, ticket.Ended());
    }

    [Fact]
    public void Cancel_Waiting_EndsAndLeavesTheQueue()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1, MaxQueuedRequests = 2 });
        rig.Enqueue(output: 9);
        RequestTicket ticket = rig.Enqueue();
        rig.Step();
        rig.Scheduler.Cancel(ticket.Id);

        Assert.Equal("0:1", rig.Step());
        Assert.Equal(RequestOutcome.Cancelled, ticket.Ended());
        Assert.Null(rig.Enqueue().Ended());
        Assert.Null(rig.Enqueue().Ended());
    }

    [Fact]
    public void Cancel_Running_IsReleasedSoThatTheEngineFreesItsKv()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1, KvTotalBlocks = 1 });
        RequestTicket ticket = rig.Enqueue(prompt: 2, output: 9);
        rig.Enqueue(prompt: 3);
        rig.Step();
        rig.Scheduler.Cancel(ticket.Id);

        Assert.Equal("1:3 ~0", rig.Step());
        Assert.Equal(RequestOutcome.Cancelled, ticket.Ended());
        Assert.Equal("none", rig.Step());
    }

    [Fact]
    public void Cancel_Preempted_IsNotReleasedAgain()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, KeyedBy.PriorityBand);
        RequestTicket ticket = rig.Enqueue(prompt: 2, output: 9, priority: 1);
        rig.Step();
        rig.Enqueue(output: 2);
        Assert.Equal("1:1 -0", rig.Step());
        rig.Scheduler.Cancel(ticket.Id);

        Assert.Equal("1:1", rig.Step());
        Assert.Equal(RequestOutcome.Cancelled, ticket.Ended());
    }

    [Fact]
    public void Cancel_WhileItsStepRuns_ProgressIsIgnoredAndItIsReleased()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2 });
        RequestTicket ticket = rig.Enqueue(prompt: 2, output: 9);
        rig.Plan();
        rig.Scheduler.Cancel(ticket.Id);
        Assert.Equal("~0", rig.Plan());
        Assert.Equal(RequestOutcome.Cancelled, ticket.Ended());
        rig.Complete();

        Assert.Equal("none", rig.Plan());
        Assert.Equal(0, rig.Scheduler.LiveCount);
    }

    [Fact]
    public void Cancel_UnknownOrEnded_DoesNothing()
    {
        using var rig = new EngineRig();
        RequestTicket ticket = rig.Enqueue();
        rig.Step();
        rig.Scheduler.Cancel(ticket.Id);
        rig.Scheduler.Cancel(new RequestId(77));
        rig.Scheduler.Cancel(new RequestId(-1));
        rig.Scheduler.ReportCachedPrefix(new RequestId(77), 3);

        Assert.Equal("none", rig.Plan());
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
    }

    [Fact]
    public void Observers_EveryWayToEnd_HearOfEachRequestOnce()
    {
        var ended = new EndedRequests();
        using (var rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView r) => r.Priority == 1 ? PriorityKey.Refuse : new(0, 0)), observer: ended))
        {
            rig.Enqueue();
            rig.Enqueue(priority: 1);
            rig.Enqueue(timeout: EngineRig.StepTime);
            rig.Scheduler.Cancel(rig.Enqueue().Id);
            rig.Enqueue(output: 5);
            rig.Enqueue();
            rig.Steps(2);
        }

        Assert.Equal(
            [RequestOutcome.Completed, RequestOutcome.Unattainable, RequestOutcome.TimedOutInQueue, RequestOutcome.Cancelled, RequestOutcome.ShutDown, RequestOutcome.ShutDown],
            ended.All.OrderBy(request => request.Id.Sequence).Select(request => request.Outcome));
    }
}
