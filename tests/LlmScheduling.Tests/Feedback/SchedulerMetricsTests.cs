using System.Diagnostics.Metrics;

namespace LlmScheduling.Tests;

[Collection(nameof(CountsAllocations))]
public sealed class SchedulerMetricsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly OneMeterFactory _factory = new();

    [Fact]
    public void Run_OneRequest_MeasuresFromArrival()
    {
        using Measurements heard = _factory.Listen();
        using BatchScheduler scheduler = New("fcfs", new FirstComeFirstServed());
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 10, MaxOutputTokens = 3, Objective = new() { TimeToFirstToken = 3 * Second } });
        _time.Advance(2 * Second);
        BatchPlan plan = scheduler.PlanStep();
        Complete(scheduler, plan, computed: 10);
        Complete(scheduler, scheduler.PlanStep(), computed: 1);
        Complete(scheduler, scheduler.PlanStep(), computed: 1);

        Assert.Equal(2, Assert.Single(heard.Of("llm_scheduling.queue.duration")).Value);
        Assert.Equal(3, Assert.Single(heard.Of("gen_ai.server.time_to_first_token")).Value);
        Assert.Equal(1, Assert.Single(heard.Of("gen_ai.server.time_per_output_token")).Value);
        Assert.Equal(5, Assert.Single(heard.Of("gen_ai.server.request.duration")).Value);
        Assert.Equal(true, Assert.Single(heard.Of("llm_scheduling.slo.attainment")).Tags["llm_scheduling.slo.met"]);
        (double one, Dictionary<string, object?> tags) = Assert.Single(heard.Of("llm_scheduling.requests"));
        Assert.Equal(1, one);
        Assert.Equal("completed", tags["llm_scheduling.outcome"]);
        Assert.Equal("fcfs", tags["llm_scheduling.policy"]);
        Assert.Equal("chat-engine", tags["llm_scheduling.scheduler"]);
    }

    [Fact]
    public void Enqueue_Refused_CountsItsOutcome()
    {
        using Measurements heard = _factory.Listen();
        using BatchScheduler scheduler = New("fcfs", new FirstComeFirstServed(), new() { MaxQueuedRequests = 1 });
        scheduler.Enqueue(Plain());
        scheduler.Enqueue(Plain());

        Assert.Equal("queue_full", Assert.Single(heard.Of("llm_scheduling.requests")).Tags["llm_scheduling.outcome"]);
        Assert.Empty(heard.Of("gen_ai.server.request.duration"));
    }

    [Fact]
    public void Cancel_BeforeAdmission_TellsHowLongItQueuedAndWhy()
    {
        using Measurements heard = _factory.Listen();
        using BatchScheduler scheduler = New("fcfs", new FirstComeFirstServed());
        RequestTicket ticket = scheduler.Enqueue(Plain());
        scheduler.Cancel(ticket.Id);
        _time.Advance(4 * Second);
        scheduler.PlanStep();

        (double waited, Dictionary<string, object?> tags) = Assert.Single(heard.Of("llm_scheduling.queue.duration"));
        Assert.Equal(4, waited);
        Assert.Equal("cancelled", tags["llm_scheduling.outcome"]);
        Assert.Equal("cancelled", Assert.Single(heard.Of("gen_ai.server.request.duration")).Tags["error.type"]);
    }

    [Fact]
    public void Observe_WhileRequestsWait_TellsTheQueue()
    {
        using Measurements heard = _factory.Listen();
        BatchScheduler scheduler = New("fcfs", new FirstComeFirstServed());
        scheduler.Enqueue(Plain());
        scheduler.Enqueue(Plain());
        heard.Observe();
        Assert.Equal(2, Assert.Single(heard.Of("llm_scheduling.queue.length")).Value);
        Assert.Equal(20, Assert.Single(heard.Of("llm_scheduling.queue.tokens")).Value);

        scheduler.Dispose();
        heard.Observe();
        Assert.Single(heard.Of("llm_scheduling.queue.length"));
    }

    [Fact]
    public void PlanStep_PolicyFaults_AreCountedUnderTheStackInForce()
    {
        using Measurements heard = _factory.Listen();
        using BatchScheduler scheduler = New("fcfs", new FirstComeFirstServed());
        scheduler.Enqueue(Plain());
        scheduler.Stack = new SchedulingStack("broken", new Scored(double.NaN));
        scheduler.PlanStep();

        Assert.Equal("broken", Assert.Single(heard.Of("llm_scheduling.policy.faults")).Tags["llm_scheduling.policy"]);
        Assert.Single(heard.Of("llm_scheduling.policy.duration"));
    }

    [Fact]
    public void PlanStep_KeysBeforeTheOrdinaryTier_CountAsPromotions()
    {
        using Measurements heard = _factory.Listen();
        using BatchScheduler scheduler = New("guarded", new Scored(0, tier: -1));
        scheduler.Enqueue(Plain());
        scheduler.Enqueue(Plain());
        scheduler.PlanStep();

        Assert.Equal(2, heard.Of("llm_scheduling.starvation.promotions").Sum(one => one.Value));
    }

    [Fact]
    public void Ranker_Call_IsMeasured()
    {
        using Measurements heard = _factory.Listen();
        using BatchScheduler scheduler = new(
            new("fcfs", new FirstComeFirstServed()), null, new() { MeterFactory = _factory, TimeProvider = _time, Ranker = new Constant() });
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1, Prompt = "Hello".AsMemory() });
        scheduler.PlanStep();
        SpinWait.SpinUntil(() => heard.Of("llm_scheduling.ranker.duration").Count > 0, TimeSpan.FromSeconds(30));

        Assert.Single(heard.Of("llm_scheduling.ranker.duration"));
    }

    [Fact]
    public void Instruments_AllHaveNamesUnitsAndBuckets_OfTheConventions()
    {
        using Measurements heard = _factory.Listen();
        using BatchScheduler scheduler = New("fcfs", new FirstComeFirstServed());

        Assert.Equal(
            [
                "gen_ai.server.request.duration s", "gen_ai.server.time_per_output_token s", "gen_ai.server.time_to_first_token s",
                "llm_scheduling.annealer.duration s", "llm_scheduling.annealer.faults {fault}",
                "llm_scheduling.policy.duration s", "llm_scheduling.policy.faults {fault}", "llm_scheduling.queue.duration s",
                "llm_scheduling.queue.length {request}", "llm_scheduling.queue.tokens {token}", "llm_scheduling.ranker.duration s",
                "llm_scheduling.requests {request}", "llm_scheduling.slo.attainment {request}", "llm_scheduling.starvation.promotions {request}",
            ],
            heard.Instruments.Values.Select(instrument => $"{instrument.Name} {instrument.Unit}").Order(StringComparer.Ordinal));
        var firstToken = (Histogram<double>)heard.Instruments["gen_ai.server.time_to_first_token"];
        Assert.Equal([.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10], firstToken.Advice!.HistogramBucketBoundaries!);
        Assert.All(heard.Instruments.Values, instrument => Assert.Equal("LlmScheduling", instrument.Meter.Name));
    }

    [Fact]
    public void Labels_NeverHoldWhatClientsName()
    {
        using Measurements heard = _factory.Listen();
        using BatchScheduler scheduler = New("fcfs", new FirstComeFirstServed());
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 10, MaxOutputTokens = 1, Tenant = "acme", TrafficClass = "chat" });
        Complete(scheduler, scheduler.PlanStep(), computed: 10);
        heard.Observe();

        Assert.Superset(
            heard.TagNames().ToHashSet(),
            new HashSet<string> { "llm_scheduling.component", "llm_scheduling.policy", "llm_scheduling.scheduler", "llm_scheduling.outcome", "llm_scheduling.slo.met", "error.type" });
    }

    [Fact]
    public void Recording_ByTheEngine_AllocatesNothing()
    {
        double sum = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, all) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, _factory))
                    all.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => sum += value);
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => sum += value);
        listener.Start();
        using var metrics = new SchedulerMetrics("scheduler", new() { MeterFactory = _factory, TimeProvider = _time, Name = "one" }, new QueueBound(1, 1), "fcfs");
        var ended = new EndedRequest(new(1), Plain(), RequestOutcome.TimedOutInQueue, FinishReason.None, new(Second, Second, Second), default, TimeSpan.MaxValue, Second, 5 * Second, 4, 0, float.NaN);
        Record(metrics, ended);
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (int i = 0; i < 100; i++)
                Record(metrics, ended);
        }));
        Assert.True(sum > 0);
    }

    [Fact]
    public void PlanStep_WhileMeasured_AllocatesNothing()
    {
        long measured = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, all) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, _factory))
                    all.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => measured++);
        listener.Start();
        using BatchScheduler scheduler = New("fcfs", new FirstComeFirstServed(), new() { MaxSequences = 4 });
        for (int i = 0; i < 700; i++)
            scheduler.Enqueue(new InferenceRequest { PromptTokens = 10, MaxOutputTokens = 2 });
        var progress = new RequestProgress[4];
        Plan(100);
        long heard = measured;
        long[] rounds = [Plan(40), Plan(40), Plan(40), Plan(40)];

        // Once in a while the runtime allocates for itself on whatever thread it has; what a step allocates shows in every round.
        Assert.InRange(rounds.Count(bytes => bytes > 0), 0, 1);
        Assert.InRange(measured - heard, 300, long.MaxValue);

        long Plan(int steps)
        {
            long bytes = 0;
            for (int step = 0; step < steps; step++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                BatchPlan plan = scheduler.PlanStep();
                bytes += GC.GetAllocatedBytesForCurrentThread() - before;
                for (int i = 0; i < plan.Work.Length; i++)
                    progress[i] = new(plan.Work[i].Id, plan.Work[i].Tokens, 1);
                scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = Second, Progress = progress.AsSpan(0, plan.Work.Length) });
            }

            return bytes;
        }
    }

    [Fact]
    public void Dispose_MeterOfItsOwn_IsEnded()
    {
        // Instruments are published on the thread that makes them; those of tests that run beside this one are left alone.
        bool isMaking = false;
        int thread = Environment.CurrentManagedThreadId;
        using Measurements heard = new(instrument => isMaking && Environment.CurrentManagedThreadId == thread);
        isMaking = true;
        var metrics = new SchedulerMetrics("scheduler", new() { Name = "own" }, new QueueBound(1, 1), "fcfs");
        metrics.Refused(RequestOutcome.QueueFull);
        metrics.Dispose();
        metrics.Refused(RequestOutcome.QueueFull);

        Assert.Single(heard.Of("llm_scheduling.requests"));
        Assert.Equal("LlmScheduling", heard.Instruments["llm_scheduling.requests"].Meter.Name);
    }

    [Fact]
    public async Task Gate_LeaseOfOneRequest_IsMeasuredAsAGate()
    {
        using Measurements heard = _factory.Listen();
        await using var gate = new AdmissionGate(new FirstComeFirstServed(), null, new() { MeterFactory = _factory, TimeProvider = _time });
        using (AdmissionLease lease = await gate.AcquireAsync(Plain()))
        {
            _time.Advance(2 * Second);
            lease.ReportFirstToken();
            lease.Complete(FinishReason.Stop);
        }

        (double sinceArrival, Dictionary<string, object?> tags) = Assert.Single(heard.Of("gen_ai.server.time_to_first_token"));
        Assert.Equal(2, sinceArrival);
        Assert.Equal("gate", tags["llm_scheduling.component"]);
        Assert.Equal("completed", Assert.Single(heard.Of("llm_scheduling.requests")).Tags["llm_scheduling.outcome"]);
    }

    private static InferenceRequest Plain() => new() { PromptTokens = 10, MaxOutputTokens = 5 };

    private static void Record(SchedulerMetrics metrics, in EndedRequest ended)
    {
        metrics.PolicyAnswered(metrics.PolicyAsked());
        metrics.PolicyFaulted();
        metrics.Refused(RequestOutcome.QueueFull);
        metrics.Admitted(Second);
        metrics.Promoted();
        metrics.FirstToken(Second);
        metrics.OnRequestEnded(ended);
    }

    private BatchScheduler New(string stack, ISchedulingPolicy policy, BatchSchedulerOptions? options = null) =>
        new(new SchedulingStack(stack, policy), options, new SchedulerServices { MeterFactory = _factory, TimeProvider = _time, Name = "chat-engine" });

    private void Complete(BatchScheduler scheduler, BatchPlan plan, int computed)
    {
        _time.Advance(Second);
        scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = Second, Progress = [new(plan.Work[0].Id, computed, 1)] });
    }

    private sealed class Scored(double score, int tier = 0) : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys) => keys.Fill(new PriorityKey(tier, 0, score));
    }

    private sealed class Constant : IRequestRanker
    {
        public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
        {
            scores.Span.Fill(1);
            return ValueTask.CompletedTask;
        }
    }
}
