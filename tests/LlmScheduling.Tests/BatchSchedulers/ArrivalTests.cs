namespace LlmScheduling.Tests;

public sealed class ArrivalTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(49, 17, true)]
    [InlineData(48, 17, false)]
    [InlineData(64, 1, false)]
    [InlineData(65, 0, true)]
    [InlineData(1, int.MaxValue, true)]
    public void Enqueue_ContextBeyondTheKvCache_IsUnservable(int prompt, int output, bool isUnservable)
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 4, KvBlockTokens = 16 });

        Assert.Equal(isUnservable ? RequestOutcome.Unservable : null, rig.Enqueue(prompt, output).Ended());
    }

    [Theory]
    [InlineData(true, 30, 9, false)]
    [InlineData(false, 3, 8, false)]
    [InlineData(false, 3, 9, true)]
    public void Enqueue_ContextBeyondAStepWithoutChunks_IsUnservable(bool chunked, int prompt, int output, bool isUnservable)
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10, ChunkedPrefill = chunked });

        Assert.Equal(isUnservable ? RequestOutcome.Unservable : null, rig.Enqueue(prompt, output).Ended());
    }

    [Fact]
    public void Enqueue_PromptBeyondTheQueuesTokens_IsUnservable()
    {
        using var rig = new EngineRig(new() { MaxQueuedTokens = 10 });

        Assert.Equal(RequestOutcome.Unservable, rig.Enqueue(prompt: 11).Ended());
        Assert.Null(rig.Enqueue(prompt: 10).Ended());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Enqueue_TimeoutOfZeroOrLess_ExpiresAtOnce(long ticks)
    {
        using var rig = new EngineRig();

        Assert.Equal(RequestOutcome.TimedOutInQueue, rig.Enqueue(timeout: new TimeSpan(ticks)).Ended());
    }

    [Fact]
    public void Enqueue_SeveralReasonsToRefuse_UnservableThenExpiredThenFull()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 1, MaxQueuedRequests = 0 });

        Assert.Equal(RequestOutcome.Unservable, rig.Enqueue(prompt: 17, timeout: TimeSpan.Zero).Ended());
        Assert.Equal(RequestOutcome.TimedOutInQueue, rig.Enqueue(timeout: TimeSpan.Zero).Ended());
        Assert.Equal(RequestOutcome.QueueFull, rig.Enqueue().Ended());
    }

    [Fact]
    public void Enqueue_AtTheBound_IsRefusedAlsoWithSeatsFree()
    {
        using var rig = new EngineRig(new() { MaxQueuedRequests = 2 });
        RequestTicket first = rig.Enqueue(), second = rig.Enqueue(), third = rig.Enqueue();

        Assert.Equal(RequestOutcome.QueueFull, third.Ended());
        rig.Step();
        Assert.Equal((RequestOutcome.Completed, RequestOutcome.Completed), (first.Ended(), second.Ended()));
        Assert.Null(rig.Enqueue().Ended());
    }

    [Fact]
    public void Enqueue_AtTheBoundOfTokens_IsRefused()
    {
        using var rig = new EngineRig(new() { MaxQueuedTokens = 10 });
        rig.Enqueue(prompt: 6);

        Assert.Equal(RequestOutcome.QueueFull, rig.Enqueue(prompt: 5).Ended());
        Assert.Null(rig.Enqueue(prompt: 4).Ended());
    }

    [Fact]
    public void Enqueue_PreemptedRequests_DoNotCountAgainstTheBound()
    {
        using var rig = new EngineRig(new() { MaxQueuedRequests = 1, KvTotalBlocks = 3 });
        rig.Enqueue(prompt: 16, output: 9);
        rig.Step();
        rig.Enqueue(prompt: 16, output: 9);
        rig.Step();
        Assert.Equal("0:1 -1", rig.Step());

        Assert.Null(rig.Enqueue().Ended());
        Assert.Equal(RequestOutcome.QueueFull, rig.Enqueue().Ended());
    }

    [Fact]
    public void Displace_MoreUrgentArrival_PutsOutTheLeastUrgentLatest()
    {
        using var rig = new EngineRig(new() { MaxQueuedRequests = 3, MaxSequences = 1, QueueFull = QueueFullAction.Displace }, KeyedBy.Priority);
        RequestTicket[] waiting = [rig.Enqueue(priority: 5), rig.Enqueue(priority: 7), rig.Enqueue(priority: 7)];
        RequestTicket urgent = rig.Enqueue(priority: 6);

        Assert.Equal("0:1", rig.Step());
        Assert.Equal([RequestOutcome.Completed, null, RequestOutcome.Displaced, null], [.. waiting.Select(Tickets.Ended), urgent.Ended()]);
    }

    [Fact]
    public void Displace_EquallyUrgentArrival_IsRefused()
    {
        using var rig = new EngineRig(new() { MaxQueuedRequests = 1, QueueFull = QueueFullAction.Displace });
        RequestTicket first = rig.Enqueue(priority: 1), second = rig.Enqueue(priority: 1);

        rig.Step();
        Assert.Equal((RequestOutcome.Completed, RequestOutcome.QueueFull), (first.Ended(), second.Ended()));
    }

    [Fact]
    public void Displace_ArrivalThatNeedsSeveralPlaces_PutsOutAsManyAsItNeeds()
    {
        using var rig = new EngineRig(new() { MaxQueuedTokens = 10, MaxSequences = 1, QueueFull = QueueFullAction.Displace }, KeyedBy.Priority);
        RequestTicket[] waiting = [rig.Enqueue(prompt: 4, priority: 1), rig.Enqueue(prompt: 3, priority: 2), rig.Enqueue(prompt: 3, priority: 3)];
        RequestTicket urgent = rig.Enqueue(prompt: 5, priority: 0);

        rig.Step();
        Assert.Equal([null, RequestOutcome.Displaced, RequestOutcome.Displaced, RequestOutcome.Completed], [.. waiting.Select(Tickets.Ended), urgent.Ended()]);
    }

    [Fact]
    public void Displace_ArrivalThatWouldStillNotFit_PutsOutNobody()
    {
        using var rig = new EngineRig(new() { MaxQueuedTokens = 10, MaxSequences = 1, QueueFull = QueueFullAction.Displace }, KeyedBy.Priority);
        RequestTicket[] waiting = [rig.Enqueue(prompt: 6, priority: 1), rig.Enqueue(prompt: 4, priority: 9)];
        RequestTicket urgent = rig.Enqueue(prompt: 5, priority: 5);

        rig.Step();
        Assert.Equal([RequestOutcome.Completed, null, RequestOutcome.QueueFull], [.. waiting.Select(Tickets.Ended), urgent.Ended()]);
    }

    [Fact]
    public void Displace_FloodOfUrgentArrivals_EachPutsOutTheLeastUrgentOfThoseBeforeIt()
    {
        using var rig = new EngineRig(new() { MaxQueuedRequests = 3, MaxSequences = 1, QueueFull = QueueFullAction.Displace }, KeyedBy.Priority);
        RequestTicket[] tickets = [.. new[] { 5, 9, 7, 6, 8, 4, 4, 3 }.Select(priority => rig.Enqueue(priority: priority))];

        // 6 for 9, 8 is refused, 4 for 7, 4 for 6, 3 for 5.
        Assert.Equal("7:1", rig.Step());
        RequestOutcome?[] ends = [RequestOutcome.Displaced, RequestOutcome.Displaced, RequestOutcome.Displaced, RequestOutcome.Displaced, RequestOutcome.QueueFull, null, null, RequestOutcome.Completed];
        Assert.Equal(ends, tickets.Select(Tickets.Ended));
    }

    [Fact]
    public void Displace_CancelledMeanwhile_IsNotPutOutAgain()
    {
        using var rig = new EngineRig(new() { MaxQueuedRequests = 2, MaxSequences = 1, QueueFull = QueueFullAction.Displace }, KeyedBy.Priority);
        RequestTicket first = rig.Enqueue(priority: 9), second = rig.Enqueue(priority: 8), third = rig.Enqueue(priority: 5);
        rig.Scheduler.Cancel(second.Id);
        RequestTicket fourth = rig.Enqueue(priority: 4), fifth = rig.Enqueue(priority: 3);
        rig.Step();

        RequestOutcome?[] ends = [RequestOutcome.Displaced, RequestOutcome.Cancelled, RequestOutcome.Displaced, null, RequestOutcome.Completed];
        Assert.Equal(ends, new[] { first, second, third, fourth, fifth }.Select(Tickets.Ended));
    }

    [Fact]
    public void Displace_PreemptedRequest_IsNeverPutOut()
    {
        using var rig = new EngineRig(new() { MaxQueuedRequests = 1, KvTotalBlocks = 3, MaxSequences = 2, QueueFull = QueueFullAction.Displace }, KeyedBy.Priority);
        rig.Enqueue(prompt: 16, output: 9, priority: 1);
        rig.Step();
        RequestTicket preempted = rig.Enqueue(prompt: 16, output: 9, priority: 9);
        rig.Step();
        Assert.Equal("0:1 -1", rig.Step());
        RequestTicket waiting = rig.Enqueue(priority: 8), urgent = rig.Enqueue(priority: 0);
        rig.Step();

        Assert.Equal([null, RequestOutcome.Displaced, RequestOutcome.Completed], [preempted.Ended(), waiting.Ended(), urgent.Ended()]);
    }

    [Fact]
    public void PlanStep_QueueTimeoutPassed_EndsBeforeThePolicyIsAsked()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 });
        RequestTicket runs = rig.Enqueue(output: 3, timeout: Millisecond), waits = rig.Enqueue(timeout: 2 * Millisecond), patient = rig.Enqueue();

        Assert.Equal("0:1", rig.Step());
        Assert.Null(waits.Ended());
        Assert.Equal("0:1", rig.Step());
        Assert.Null(waits.Ended());
        Assert.Equal("0:1", rig.Step());
        Assert.Equal((RequestOutcome.Completed, RequestOutcome.TimedOutInQueue), (runs.Ended(), waits.Ended()));
        Assert.Equal("2:1", rig.Step());
        Assert.Equal(RequestOutcome.Completed, patient.Ended());
    }

    [Fact]
    public void PlanStep_PreemptedBeyondItsQueueTimeout_IsServedToItsEnd()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, KeyedBy.PriorityBand);
        RequestTicket preempted = rig.Enqueue(prompt: 2, output: 2, priority: 1, timeout: Millisecond);
        rig.Step();
        rig.Enqueue(prompt: 1, output: 3);
        Assert.Equal(["1:1 -0", "1:1", "1:1", "0:3"], rig.Steps(4));

        Assert.Equal(RequestOutcome.Completed, preempted.Ended());
    }

    [Fact]
    public void PlanStep_TimeoutSoLongThatItsSumOverflows_NeverComes()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 });
        rig.Clock.Advance(TimeSpan.FromDays(1));
        rig.Enqueue(output: 2);
        RequestTicket patient = rig.Enqueue(timeout: TimeSpan.MaxValue);
        rig.Steps(3);

        Assert.Equal(RequestOutcome.Completed, patient.Ended());
    }

    [Theory]
    [InlineData(0, 1, 0, "PromptTokens")]
    [InlineData(-1, 1, 0, "PromptTokens")]
    [InlineData(1, -1, 0, "MaxOutputTokens")]
    [InlineData(1, 1, -1, "CachedPrefixTokens")]
    public void Enqueue_CountOutOfRange_ThrowsNamingIt(int prompt, int output, int hint, string named)
    {
        using var rig = new EngineRig();
        ArgumentOutOfRangeException thrown = Assert.Throws<ArgumentOutOfRangeException>(() => rig.Enqueue(prompt, output, hint: hint));

        Assert.Contains(named, thrown.Message);
        Assert.Equal(0, rig.Scheduler.LiveCount);
    }

    [Fact]
    public void Enqueue_LargestNumbers_AreServed()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = int.MaxValue, MaxSequences = 2 }, KeyedBy.PriorityBand);
        RequestTicket longest = rig.Enqueue(prompt: int.MaxValue, output: int.MaxValue, priority: 1, hint: int.MaxValue);
        RequestTicket other = rig.Enqueue(prompt: 1, output: int.MaxValue, priority: 1);
        rig.Scheduler.ReportCachedPrefix(other.Id, int.MaxValue);

        Assert.Equal("0:1 1:1", rig.Plan());
        rig.CompleteWith(new(longest.Id, int.MaxValue, 1), new(other.Id, 1, 1));
        Assert.Equal(RequestOutcome.Completed, longest.Ended());
        Assert.Equal("1:1", rig.Plan());
        Assert.Null(other.Ended());
    }
}
