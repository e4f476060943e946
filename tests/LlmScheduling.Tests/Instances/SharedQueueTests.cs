namespace LlmScheduling.Tests.Instances;

public sealed class SharedQueueTests
{
    private static BatchSchedulerOptions Seats(int seats) => new() { MaxSequences = seats, MaxBatchTokens = 64 };

    [Fact]
    public void PlanStep_OneQueue_WhoeverPlansTakesTheMostUrgent()
    {
        using var rig = new FleetRig(2, Seats(1), KeyedBy.Priority);
        rig.Enqueue(priority: 3);
        rig.Enqueue(priority: 1, at: 1);
        rig.Enqueue(priority: 2);

        Assert.Equal("1:1", rig.Plan(1));
        Assert.Equal("2:1", rig.Plan(0));
        rig.Complete(1);
        Assert.Equal("0:1", rig.Step(1));
        rig.Complete(0);
        Assert.Equal("none", rig.Plan(0));
        Assert.Equal([1, 0, 2], rig.Ended.All.Select(ended => ended.Id.Sequence));
    }

    [Fact]
    public void PlanStep_OneInstance_PlansAsASchedulerOfItsOwn()
    {
        using var alone = new EngineRig(Seats(2), KeyedBy.Priority);
        using var rig = new FleetRig(1, Seats(2), KeyedBy.Priority);
        for (int i = 0; i < 6; i++)
        {
            alone.Enqueue(prompt: 40 - i, output: 1 + i, priority: i % 3);
            rig.Enqueue(prompt: 40 - i, output: 1 + i, priority: i % 3);
        }

        string[] expected = alone.Steps(20);
        Assert.Equal(expected, Enumerable.Range(0, 20).Select(_ => rig.Step(0)));
        Assert.Equal("none", expected[^1]);
    }

    [Fact]
    public void PlanStep_KvOfOneEngineFull_TheOthersAdmit()
    {
        using var rig = new FleetRig(2, new BatchSchedulerOptions { MaxSequences = 4, MaxBatchTokens = 64, KvBlockTokens = 1, KvTotalBlocks = 50, KvReservation = KvReservation.WholeContext });
        rig.Enqueue(prompt: 40, output: 5);
        rig.Enqueue(prompt: 20, output: 5);
        Assert.Equal("0:40", rig.Step(0));
        Assert.Equal("0:1", rig.Step(0));

        Assert.Equal("1:20", rig.Step(1));
        Assert.Equal("0:1", rig.Step(0));
        Assert.Equal("1:1", rig.Step(1));
    }

    [Fact]
    public void Prioritize_Snapshot_ShowsWhoWaitsAndWhoRunsHere()
    {
        var seen = new List<string>();
        var policy = new SnapshotWatcher(seen);
        using var rig = new FleetRig(2, Seats(1), policy);
        for (int i = 0; i < 4; i++)
            rig.Enqueue(output: 9);
        rig.Step(0);
        rig.Step(1);
        seen.Clear();
        rig.Step(0);
        rig.Step(1);

        Assert.Equal(["0 Running, 2 Waiting, 3 Waiting", "1 Running, 2 Waiting, 3 Waiting"], seen);
        Assert.Equal([3, 3], rig.Instances.Select(instance => instance.LiveCount));
    }

    [Fact]
    public void Cancel_BoundToAnother_IsReleasedByItsOwner()
    {
        using var rig = new FleetRig(2, Seats(1));
        RequestTicket bound = rig.Enqueue(output: 9), waiting = rig.Enqueue(output: 9);
        rig.Step(0);
        rig.Instances[1].Cancel(bound.Id);

        Assert.Equal("1:1", rig.Plan(1));
        Assert.Null(bound.Ended());
        Assert.Equal("~0", rig.Plan(0));
        Assert.Equal(RequestOutcome.Cancelled, bound.Ended());
        rig.Instances[0].Cancel(waiting.Id);
        rig.Complete(1);
        Assert.Equal("none", rig.Plan(0));
        Assert.Equal("~1", rig.Plan(1));
    }

    [Fact]
    public void Cancel_InTheQueue_EndsOnce()
    {
        using var rig = new FleetRig(2, Seats(1));
        RequestTicket ticket = rig.Enqueue();
        rig.Instances[1].Cancel(ticket.Id);
        rig.Instances[0].Cancel(ticket.Id);

        Assert.Equal("none", rig.Plan(1));
        Assert.Equal("none", rig.Plan(0));
        Assert.Equal(RequestOutcome.Cancelled, Assert.Single(rig.Ended.All).Outcome);
    }

    [Fact]
    public void QueueTimeout_InTheQueue_EndsOnceAndNotWhoIsBound()
    {
        using var rig = new FleetRig(2, Seats(1));
        TimeSpan timeout = TimeSpan.FromSeconds(1);
        RequestTicket[] tickets = [.. Enumerable.Range(0, 3).Select(_ => rig.Enqueue(output: 9, timeout: timeout))];
        rig.Step(0);
        rig.Step(1);
        rig.Clock.Advance(timeout);
        rig.Step(1);
        rig.Step(0);

        Assert.Equal([null, null, RequestOutcome.TimedOutInQueue], tickets.Select(ticket => ticket.Ended()));
        Assert.Single(rig.Ended.All);
    }

    [Fact]
    public void Enqueue_FitsNoEngine_IsUnservable()
    {
        using var rig = new FleetRig(2, new BatchSchedulerOptions { KvBlockTokens = 1, KvTotalBlocks = 10 });
        Assert.Equal(RequestOutcome.Unservable, rig.Enqueue(prompt: 11).Ended());
    }

    [Fact]
    public void Enqueue_QueueCap_IsOfAllTogether()
    {
        using var rig = new FleetRig(2, new BatchSchedulerOptions { MaxQueuedRequests = 2 });
        RequestTicket[] tickets = [rig.Enqueue(), rig.Enqueue(at: 1), rig.Enqueue(at: 1)];
        Assert.Equal([null, null, RequestOutcome.QueueFull], tickets.Select(ticket => ticket.Ended()));
    }

    [Fact]
    public void Preempted_ComesBackToItsOwnEngine()
    {
        // Ten blocks per engine: two requests of four tokens that grow to eight cannot both stay.
        using var rig = new FleetRig(2, new BatchSchedulerOptions { MaxSequences = 2, MaxBatchTokens = 64, KvBlockTokens = 1, KvTotalBlocks = 10 });
        rig.Enqueue(prompt: 4, output: 5);
        rig.Enqueue(prompt: 4, output: 5);
        Assert.Equal("0:4 1:4", rig.Step(0));
        Assert.Equal("0:1 1:1", rig.Step(0));
        Assert.Equal("0:1 -1", rig.Step(0));

        Assert.Equal("none", rig.Plan(1));
        for (int i = 0; i < 9; i++)
            rig.Step(0);
        Assert.Equal([RequestOutcome.Completed, RequestOutcome.Completed], rig.Ended.All.Select(ended => ended.Outcome));
        Assert.Equal("none", rig.Plan(1));
    }

    [Fact]
    public void LearntLengths_ReachWhoIsBoundElsewhere()
    {
        var lengths = new List<float>();
        var policy = new KeyedBy((in RequestView request) =>
        {
            if (request.Id.Sequence == 0)
                lengths.Add(request.Length.Median);
            return new(0, request.Id.Sequence);
        });
        using var rig = new FleetRig(2, Seats(1), policy);
        rig.Enqueue(output: 9, trafficClass: "chat");
        rig.Enqueue(output: 2, trafficClass: "chat");
        rig.Step(0);
        rig.Step(1);
        rig.Step(1);
        lengths.Clear();
        rig.Step(0);

        Assert.Equal([2f], lengths);
    }

    [Fact]
    public void Dispose_One_EndsWhatIsBoundToItAndTheOthersGoOn()
    {
        using var rig = new FleetRig(2, Seats(1));
        RequestTicket[] tickets = [.. Enumerable.Range(0, 3).Select(_ => rig.Enqueue(output: 2))];
        rig.Step(0);
        rig.Plan(1);
        rig.Instances[0].Dispose();
        rig.Complete(1);

        Assert.Equal([RequestOutcome.ShutDown, null, null], tickets.Select(ticket => ticket.Ended()));
        Assert.Equal("~0", rig.Plan(0));
        Assert.Equal("none", rig.Plan(0));
        RequestTicket late = rig.Enqueue();
        for (int i = 0; i < 5; i++)
            rig.Step(1);
        Assert.Equal([RequestOutcome.Completed, RequestOutcome.Completed], tickets[1..].Select(ticket => ticket.Ended()));
        Assert.Equal(RequestOutcome.Completed, late.Ended());

        RequestTicket last = rig.Enqueue();
        rig.Instances[1].Dispose();
        Assert.Equal(RequestOutcome.ShutDown, last.Ended());
        Assert.Equal(RequestOutcome.ShutDown, rig.Enqueue().Ended());
        Assert.Equal(5, rig.Ended.All.Count);
    }

    [Fact]
    public async Task WaitForWork_ItsSchedulerIsDisposed_EndsItsLoopAlone()
    {
        using var rig = new FleetRig(2, Seats(1));
        rig.Enqueue(output: 2);
        rig.Plan(0);
        rig.Instances[0].Dispose();
        rig.Complete(0);
        rig.Enqueue();

        Assert.True(await Wait(rig, 0));
        Assert.Equal("~0", rig.Plan(0));
        Assert.False(await Wait(rig, 0));
        Assert.True(await Wait(rig, 1));
    }

    [Fact]
    public async Task WaitForWork_Stopped_EndsEachLoopWhenItHasNothingLeft()
    {
        using var rig = new FleetRig(2, Seats(1));
        rig.Enqueue(output: 2);
        rig.Step(0);
        rig.Instances[1].StopAccepting();

        Assert.False(await Wait(rig, 1));
        Assert.True(await Wait(rig, 0));
        rig.Step(0);
        Assert.False(await Wait(rig, 0));
    }

    [Fact]
    public async Task WaitForWork_AnotherLeavesAnArrival_LooksAtOnce()
    {
        using var rig = new FleetRig(2, Seats(1));
        rig.Enqueue(output: 9);
        rig.Step(0);
        Assert.Equal("none", rig.Plan(1));
        rig.Enqueue(output: 9);
        rig.Step(0);

        Assert.True(Wait(rig, 1).IsCompletedSuccessfully);
        Assert.Equal("1:1", rig.Plan(1));
    }

    [Fact]
    public void EngineCall_WithinAnothersDecision_ThrowsAndHarmsNothing()
    {
        FleetRig? fleet = null;
        var faults = new List<Exception>();
        using var rig = new FleetRig(2, Seats(1), new KeyedBy((in RequestView request) =>
        {
            faults.Add(Assert.Throws<InvalidOperationException>(() => fleet!.Instances[1].PlanStep()));
            return new(0, request.Id.Sequence);
        }));
        fleet = rig;
        rig.Enqueue(output: 1);

        Assert.Equal("0:1", rig.Step(0));
        Assert.NotEmpty(faults);
        Assert.Equal(RequestOutcome.Completed, Assert.Single(rig.Ended.All).Outcome);
    }

    [Fact]
    public void Dispose_WithinAnothersDecision_TakesEffectAfterIt()
    {
        FleetRig? fleet = null;
        using var rig = new FleetRig(2, Seats(1), new KeyedBy((in RequestView request) =>
        {
            if (request.Id.Sequence == 2)
                fleet!.Instances[1].Dispose();
            return new(0, request.Id.Sequence);
        }));
        fleet = rig;
        RequestTicket first = rig.Enqueue(output: 1), second = rig.Enqueue(output: 9);
        rig.Plan(0);
        rig.Plan(1);
        rig.Complete(0);
        RequestTicket third = rig.Enqueue(output: 1);

        Assert.Equal("2:1", rig.Step(0));
        Assert.Equal([RequestOutcome.Completed, RequestOutcome.ShutDown, RequestOutcome.Completed], new[] { first, second, third }.Select(ticket => ticket.Ended()));
    }

    [Fact]
    public async Task Loops_OnThreadsOfTheirOwn_EndEveryRequestOnce()
    {
        const int Requests = 3_000;
        var ended = new EndedRequests();
        var stack = new SchedulingStack("fcfs", new FirstComeFirstServed());
        var options = new BatchSchedulerOptions { MaxSequences = 4, MaxBatchTokens = 32, MaxQueuedRequests = Requests, KvBlockTokens = 1, KvTotalBlocks = 60 };
        var services = new SchedulerServices { Observers = [ended] };
        IReadOnlyList<BatchScheduler> instances = BatchScheduler.CreateInstances(3, stack, options, services);
        Task[] loops = [.. instances.Select(instance => Task.Run(() => RunAsync(instance)))];
        RequestTicket[] tickets = [.. Enumerable.Range(0, Requests).Select(i => instances[i % 3].Enqueue(new InferenceRequest { PromptTokens = 1 + i % 20, MaxOutputTokens = 1 + i % 7 }))];
        for (int i = 0; i < Requests; i += 5)
            instances[(i + 1) % 3].Cancel(tickets[i].Id);
        instances[0].StopAccepting();
        await Task.WhenAll(loops).WaitAsync(TimeSpan.FromSeconds(120));

        Assert.All(tickets, ticket => Assert.True(ticket.Outcome.IsCompletedSuccessfully));
        Assert.Equal(Requests, ended.All.Count);
        Assert.Equal(Requests, ended.All.Select(end => end.Id).Distinct().Count());
        Assert.All(ended.All, end => Assert.True(end.Outcome == RequestOutcome.Completed || (end.Outcome == RequestOutcome.Cancelled && end.Id.Sequence % 5 == 0)));
        Assert.Equal(0, instances.Sum(instance => instance.HeldKvBlocks));
    }

    [Fact]
    public void CreateInstances_OutOfRange_Throws()
    {
        var stack = new SchedulingStack("fcfs", new FirstComeFirstServed());
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchScheduler.CreateInstances(0, stack));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchScheduler.CreateInstances(4_097, stack));
        using var log = new DecisionLog(Stream.Null);
        Assert.Throws<ArgumentException>(() => BatchScheduler.CreateInstances(2, stack, services: new SchedulerServices { DecisionLog = log }));
    }

    [Fact]
    public void Dispose_AnEarlierEngineIsStillPlanning_EveryEndIsMeasured()
    {
        using var factory = new OneMeterFactory();
        using Measurements heard = factory.Listen();
        var ended = new EndedRequests();
        IReadOnlyList<BatchScheduler> instances = [];
        var policy = new KeyedBy((in RequestView request) =>
        {
            if (request.Id.Sequence == 6)
            {
                instances[0].Dispose();
                instances[1].Dispose();
            }

            return new(0, request.Id.Sequence);
        });
        instances = BatchScheduler.CreateInstances(2, new SchedulingStack("test", policy), Seats(2), new SchedulerServices { TimeProvider = new ManualTimeProvider(), Observers = [ended], MeterFactory = factory });
        for (int i = 0; i < 6; i++)
            instances[0].Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 9 });
        BatchPlan plan = instances[0].PlanStep();
        instances[1].PlanStep();
        instances[0].CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.Zero, Progress = [.. plan.Work.ToArray().Select(work => new RequestProgress(work.Id, 1, 1))] });
        instances[0].Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 9 });
        instances[0].PlanStep();

        Assert.Equal(7, ended.All.Count);
        Assert.Equal(7, heard.Of("llm_scheduling.requests").Count);
    }

    [Fact]
    public void EstimateWait_AnIdleEngineIsDisposed_CountsItsSeatsNoMore()
    {
        using var rig = new FleetRig(2, Seats(1));
        rig.Enqueue(output: 9);
        rig.Step(0);
        Assert.Equal(TimeSpan.Zero, rig.Instances[0].EstimateWait().Wait);
        rig.Instances[1].Dispose();

        Assert.Equal(new QueueEstimate(0, TimeSpan.MaxValue), rig.Instances[0].EstimateWait());
    }

    [Fact]
    public void Reorder_InAnothersTurn_TakesThePlaceOfWhoIsBoundElsewhere()
    {
        var places = new List<int>();
        using var rig = new FleetRig(2, new BatchSchedulerOptions { MaxSequences = 2, MaxBatchTokens = 64, KvBlockTokens = 1, KvTotalBlocks = 10 }, new KeyedBy((in RequestView request) =>
        {
            if (request.Id.Sequence == 1)
                places.Add(request.PlannedPosition);
            return new(0, request.Id.Sequence);
        }));
        rig.Enqueue(prompt: 4, output: 5);
        rig.Enqueue(prompt: 4, output: 5);
        rig.Step(0);
        rig.Step(0);
        Assert.Equal("0:1 -1", rig.Step(0));
        places.Clear();
        rig.Instances[0].Post(InboxMessage.Planned(new QueuePlan([new LoggedPlace(new RequestId(1), 5)])));
        rig.Plan(0);
        rig.Instances[1].Post(InboxMessage.Planned(new QueuePlan([])));
        rig.Plan(1);
        rig.Complete(0);
        rig.Plan(0);

        Assert.Equal([5, -1], places);
    }

    private static Task<bool> Wait(FleetRig rig, int instance) => rig.Instances[instance].WaitForWorkAsync().AsTask();

    /// <summary>An engine's loop, whose engine computes what is planned and emits what it can.</summary>
    private static async Task RunAsync(BatchScheduler scheduler)
    {
        var running = new Dictionary<RequestId, EngineSequence>();
        while (await scheduler.WaitForWorkAsync())
        {
            BatchPlan plan = scheduler.PlanStep();
            foreach (RequestHandle preempted in plan.Preempted)
                running[preempted.Id].DropKv();
            if (plan.IsEmpty)
                continue;
            var progress = new List<RequestProgress>();
            foreach (PlannedWork work in plan.Work)
            {
                if (!running.TryGetValue(work.Id, out EngineSequence? sequence))
                    running.Add(work.Id, sequence = new EngineSequence(work.Request.PromptTokens, work.Request.MaxOutputTokens, cached: 0));
                progress.Add(sequence.Run(work));
            }

            scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.FromMilliseconds(1), Progress = progress.ToArray() });
        }
    }

    private sealed class SnapshotWatcher(List<string> seen) : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            new FirstComeFirstServed().Prioritize(snapshot, keys);
            seen.Add(string.Join(", ", snapshot.Requests.ToArray().OrderBy(view => view.Id.Sequence).Select(view => $"{view.Id.Sequence} {view.Phase}")));
        }
    }
}
