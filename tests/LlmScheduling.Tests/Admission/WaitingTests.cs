namespace LlmScheduling.Tests.Admission;

public class WaitingTests
{
    [Fact]
    public async Task AcquireAsync_SeveralWait_GetSeatsInThePolicysOrder()
    {
        using var rig = new GateRig(policy: KeyedBy.Priority);
        AdmissionLease held = rig.Seat();
        int[] priorities = [3, 1, 2, 1];
        Task<AdmissionLease>[] waiting = [.. priorities.Select(priority => rig.Wait(GateRig.Request(priority: priority)))];

        foreach (int next in new[] { 1, 3, 2, 0 })
        {
            held.Complete(FinishReason.Stop);
            held = await GateRig.Soon(waiting[next]);
            Assert.Equal(waiting.Count(lease => !lease.IsCompleted), waiting.Length - rig.Ended.Count);
        }
    }

    [Fact]
    public async Task AcquireAsync_QueueTimeoutPasses_IsRefusedAsTimedOut()
    {
        using var rig = new GateRig();
        rig.Seat();
        Task<AdmissionLease> late = rig.Wait(GateRig.Request(queueTimeout: TimeSpan.FromMilliseconds(30)));
        Task<AdmissionLease> early = rig.Wait(GateRig.Request(queueTimeout: TimeSpan.FromMilliseconds(20)));

        rig.Advance(19);
        Assert.Empty(rig.Ended);
        rig.Advance(1);
        Assert.Equal(RequestOutcome.TimedOutInQueue, (await GateRig.Soon(early)).Refusal);
        Assert.Equal(TimeSpan.FromMilliseconds(20), Assert.Single(rig.Ended).EndedAt);
        rig.Advance(10);
        Assert.Equal(RequestOutcome.TimedOutInQueue, (await GateRig.Soon(late)).Refusal);
        Assert.Equal(0, rig.Clock.PendingTimers);
    }

    [Fact]
    public async Task AcquireAsync_QueueTimeoutOfPartOfAMillisecond_EndsWithinTheNext()
    {
        using var rig = new GateRig();
        rig.Seat();
        Task<AdmissionLease> waiting = rig.Wait(GateRig.Request(queueTimeout: TimeSpan.FromTicks(12_345)));

        rig.Advance(2);

        Assert.Equal(RequestOutcome.TimedOutInQueue, (await GateRig.Soon(waiting)).Refusal);
    }

    [Fact]
    public async Task AcquireAsync_TimerFiresEarly_StillEndsWhenItsQueueTimeoutPasses()
    {
        using var rig = new GateRig(time: clock => new EarlyTimeProvider(clock));
        rig.Seat();
        Task<AdmissionLease> waiting = rig.Wait(GateRig.Request(queueTimeout: TimeSpan.FromMilliseconds(20)));

        rig.Advance(19);
        Assert.Empty(rig.Ended);
        rig.Advance(1);

        Assert.Single(rig.Ended);
        Assert.Equal(RequestOutcome.TimedOutInQueue, (await GateRig.Soon(waiting)).Refusal);
    }

    [Fact]
    public async Task AcquireAsync_QueueTimeoutOfZero_ExpiresAtOnceThoughASeatIsFree()
    {
        using var rig = new GateRig();
        AdmissionLease lease = await rig.Gate.AcquireAsync(GateRig.Request(queueTimeout: TimeSpan.Zero));

        Assert.Equal(RequestOutcome.TimedOutInQueue, lease.Refusal);
    }

    [Fact]
    public async Task AcquireAsync_SeatBeforeTheTimeout_IsKeptAfterIt()
    {
        using var rig = new GateRig();
        AdmissionLease first = rig.Seat();
        Task<AdmissionLease> waiting = rig.Wait(GateRig.Request(queueTimeout: TimeSpan.FromMilliseconds(20)));
        first.Dispose();
        AdmissionLease second = await GateRig.Soon(waiting);
        rig.Advance(100);

        second.Complete(FinishReason.Stop);
        Assert.Equal([RequestOutcome.Cancelled, RequestOutcome.Completed], rig.Ended.Select(ended => ended.Outcome));
    }

    [Fact]
    public async Task AcquireAsync_QueueFull_IsRefusedAtOnceAndNotObserved()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 2 });
        rig.Seat();
        _ = rig.Wait();
        _ = rig.Wait();

        AdmissionLease refused = await rig.Gate.AcquireAsync(GateRig.Request());

        Assert.Equal(RequestOutcome.QueueFull, refused.Refusal);
        Assert.Empty(rig.Ended);
    }

    [Fact]
    public async Task AcquireAsync_NoQueueAtAll_StillServesFreeSeats()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 2, MaxQueuedRequests = 0 });
        rig.Seat();
        AdmissionLease second = rig.Seat();
        Assert.Equal(RequestOutcome.QueueFull, (await rig.Gate.AcquireAsync(GateRig.Request())).Refusal);

        second.Dispose();
        rig.Seat();
    }

    [Fact]
    public async Task AcquireAsync_QueuedTokensFull_IsRefusedThoughRequestsAreFew()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, MaxQueuedTokens = 100 });
        rig.Seat(GateRig.Request(prompt: 500));
        _ = rig.Wait(GateRig.Request(prompt: 60));

        Assert.Equal(RequestOutcome.QueueFull, (await rig.Gate.AcquireAsync(GateRig.Request(prompt: 41))).Refusal);
        _ = rig.Wait(GateRig.Request(prompt: 40));
    }

    [Fact]
    public async Task AcquireAsync_MoreUrgentThanAFullQueue_DisplacesTheLeastUrgentLatest()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 3, QueueFull = QueueFullAction.Displace }, KeyedBy.Priority);
        AdmissionLease held = rig.Seat();
        Task<AdmissionLease> urgent = rig.Wait(GateRig.Request(priority: 1));
        Task<AdmissionLease> early = rig.Wait(GateRig.Request(priority: 5));
        Task<AdmissionLease> late = rig.Wait(GateRig.Request(priority: 5));

        AdmissionLease equal = await rig.Gate.AcquireAsync(GateRig.Request(priority: 5));
        Assert.Equal(RequestOutcome.QueueFull, equal.Refusal);
        Task<AdmissionLease> newcomer = rig.Wait(GateRig.Request(priority: 4));

        Assert.Equal(RequestOutcome.Displaced, (await GateRig.Soon(late)).Refusal);
        Assert.Equal(RequestOutcome.Displaced, Assert.Single(rig.Ended).Outcome);
        foreach (Task<AdmissionLease> next in new[] { urgent, newcomer, early })
        {
            held.Complete(FinishReason.Stop);
            held = await GateRig.Soon(next);
            Assert.True(held.IsAcquired);
        }
    }

    [Fact]
    public async Task AcquireAsync_DisplacingWouldNotDo_DisplacesNobody()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, MaxQueuedTokens = 100, QueueFull = QueueFullAction.Displace });
        rig.Seat();
        Task<AdmissionLease> urgent = rig.Wait(GateRig.Request(prompt: 60, priority: 0));
        Task<AdmissionLease> idle = rig.Wait(GateRig.Request(prompt: 40, priority: 9));

        Assert.Equal(RequestOutcome.QueueFull, (await rig.Gate.AcquireAsync(GateRig.Request(prompt: 50, priority: 1))).Refusal);
        Assert.Empty(rig.Ended);
        Assert.False(urgent.IsCompleted || idle.IsCompleted);
    }

    [Fact]
    public async Task RetryAfter_MeasuredRate_IsTheTimeToServeWhatWaits()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 4 });
        AdmissionLease held = rig.Seat();
        Queue<Task<AdmissionLease>> waiting = new(Enumerable.Range(0, 4).Select(_ => rig.Wait()));
        Assert.Null((await rig.Gate.AcquireAsync(GateRig.Request())).RetryAfter);

        for (int i = 0; i < 20; i++)
        {
            rig.Advance(100);
            held.Complete(FinishReason.Stop);
            held = await GateRig.Soon(waiting.Dequeue());
            waiting.Enqueue(rig.Wait());
        }

        AdmissionLease refused = await rig.Gate.AcquireAsync(GateRig.Request());
        Assert.Equal(RequestOutcome.QueueFull, refused.Refusal);
        Assert.InRange(refused.RetryAfter!.Value.TotalSeconds, 0.499, 0.501);
        Assert.Equal(refused.RetryAfter, rig.Gate.EstimateWait().Wait);
        Assert.Equal(4, rig.Gate.EstimateWait().RequestsAhead);
    }

    [Fact]
    public async Task EstimateWait_AnswersOfMinutes_StaysNearTheTruth()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 4, MaxQueuedRequests = 8 });
        List<AdmissionLease> held = [.. Enumerable.Range(0, 4).Select(_ => rig.Seat())];
        Queue<Task<AdmissionLease>> waiting = new(Enumerable.Range(0, 8).Select(_ => rig.Wait()));
        for (int round = 0; round < 5; round++)
        {
            for (int second = 0; second < 120; second += 10)
            {
                rig.Advance(10_000);
                AdmissionLease refused = await rig.Gate.AcquireAsync(GateRig.Request());
                Assert.Equal(RequestOutcome.QueueFull, refused.Refusal);

                // Nine more get in at four each 120 seconds.
                if (round > 0)
                    Assert.InRange(refused.RetryAfter!.Value.TotalSeconds, 9 * 30 / 2, 9 * 30 * 2);
            }

            held.ForEach(lease => lease.Complete(FinishReason.Stop));
            held.Clear();
            for (int i = 0; i < 4; i++)
            {
                held.Add(await GateRig.Soon(waiting.Dequeue()));
                waiting.Enqueue(rig.Wait());
            }
        }
    }

    [Fact]
    public async Task EstimateWait_AnswersBecomeShort_FollowsWithinDozens()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 4 });
        AdmissionLease held = rig.Seat();
        Queue<Task<AdmissionLease>> waiting = new(Enumerable.Range(0, 4).Select(_ => rig.Wait()));
        for (int i = 0; i < 70; i++)
        {
            rig.Advance(i < 6 ? 120_000 : 1_000);
            held.Complete(FinishReason.Stop);
            held = await GateRig.Soon(waiting.Dequeue());
            waiting.Enqueue(rig.Wait());
        }

        Assert.InRange(rig.Gate.EstimateWait().Wait.TotalSeconds, 5, 10);
    }

    [Fact]
    public void EstimateWait_SeatFree_IsNothing()
    {
        using var rig = new GateRig();
        Assert.Equal(new QueueEstimate(0, TimeSpan.Zero), rig.Gate.EstimateWait());

        rig.Seat();
        Assert.Equal(new QueueEstimate(0, TimeSpan.MaxValue), rig.Gate.EstimateWait());
    }

    [Fact]
    public async Task TryGetQueuePosition_Waiters_StandInThePolicysOrder()
    {
        using var rig = new GateRig(policy: KeyedBy.Priority);
        AdmissionLease held = rig.Seat();
        InferenceRequest[] requests = [.. new[] { 3, 1, 2 }.Select(priority => GateRig.Request(priority: priority))];
        Task<AdmissionLease>[] waiting = [.. requests.Select(request => rig.Wait(request))];

        Assert.Equal([2, 0, 1], requests.Select(request => rig.Gate.TryGetQueuePosition(request, out QueueEstimate estimate) ? estimate.RequestsAhead : -1));

        held.Dispose();
        await GateRig.Soon(waiting[1]);
        Assert.False(rig.Gate.TryGetQueuePosition(requests[1], out _));
        Assert.False(rig.Gate.TryGetQueuePosition(GateRig.Request(), out _));
    }

    [Fact]
    public void TryAcquire_SeatFree_TakesIt()
    {
        using var rig = new GateRig();
        Assert.True(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
        Assert.Equal(RequestOutcome.QueueFull, rig.Gate.TryAcquire(GateRig.Request()).Refusal);
        Assert.Empty(rig.Ended);
    }

    [Fact]
    public void TryAcquire_SomeoneWaitsForTokens_NeverPasses()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 4, MaxTokens = 100 });
        rig.Seat(GateRig.Request(prompt: 50, output: 10));
        _ = rig.Wait(GateRig.Request(prompt: 50, output: 10));

        Assert.False(rig.Gate.TryAcquire(GateRig.Request(prompt: 5, output: 5)).IsAcquired);
    }

    [Fact]
    public void TryAcquire_SomeoneIsHeldByThePolicy_NeverPasses()
    {
        var policy = new KeyedBy((in RequestView request) => request.Priority > 0 ? PriorityKey.Hold : new(0, 0));
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 4 }, policy);
        _ = rig.Wait(GateRig.Request(priority: 1));

        Assert.False(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
    }

    [Fact]
    public async Task TryAcquire_DecidedTogetherWithAnArrivalThatMustWait_NeverPassesIt()
    {
        using var isDeciding = new ManualResetEventSlim();
        using var mayGoOn = new ManualResetEventSlim();
        var policy = new KeyedBy((in RequestView request) =>
        {
            isDeciding.Set();
            mayGoOn.Wait(TimeSpan.FromSeconds(30));
            return new(0, request.Priority);
        });
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 4, MaxTokens = 100 }, policy);
        AdmissionLease? first = null, impatient = null;
        var decider = new Thread(() => first = rig.Seat(GateRig.Request(prompt: 60, output: 0)));
        decider.Start();
        isDeciding.Wait(TimeSpan.FromSeconds(30));
        Task<AdmissionLease> large = rig.Wait(GateRig.Request(prompt: 60, output: 0, priority: 1));
        var passing = new Thread(() => impatient = rig.Gate.TryAcquire(GateRig.Request(prompt: 5, output: 0, priority: 0)));
        passing.Start();
        SpinWait.SpinUntil(() => rig.Gate.EstimateWait().RequestsAhead == 3 && passing.ThreadState == ThreadState.WaitSleepJoin, TimeSpan.FromSeconds(30));

        mayGoOn.Set();
        decider.Join();
        passing.Join();

        Assert.Equal(RequestOutcome.QueueFull, impatient!.Refusal);
        first!.Dispose();
        Assert.True((await GateRig.Soon(large)).IsAcquired);
    }

    [Fact]
    public void TryAcquire_FromAnObserver_Throws()
    {
        var observer = new TriesAgain();
        using var gate = new AdmissionGate(new FirstComeFirstServed(), null, new SchedulerServices { Observers = [observer] });
        observer.Gate = gate;

        gate.TryAcquire(GateRig.Request()).Dispose();

        Assert.IsType<InvalidOperationException>(observer.Thrown);
    }

    private sealed class TriesAgain : ISchedulingObserver
    {
        public AdmissionGate? Gate { get; set; }

        public Exception? Thrown { get; private set; }

        public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
        {
        }

        public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
        {
        }

        public void OnRequestEnded(in EndedRequest request) => Thrown = Record.Exception(() => Gate!.TryAcquire(GateRig.Request()));
    }
}
