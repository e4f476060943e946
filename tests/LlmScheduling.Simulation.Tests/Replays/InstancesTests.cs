namespace LlmScheduling.Simulation.Tests.Replays;

public sealed class InstancesTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private static readonly EngineSettings OneSeat = new() { MaxSequences = 1, MaxBatchTokens = 64, StepCost = StepCost.Fixed(Step) };

    private static readonly EngineSettings Tight = new()
    {
        MaxSequences = 8,
        MaxBatchTokens = 512,
        KvBlocks = 150,
        Preemption = Preemption.Kv,
        LookAheadSteps = 1,
        PreemptedBlocksAsCache = true,
        MaxQueuedRequests = 40,
        ExpireAtDeadline = true,
        StepCost = StepCost.Fixed(Step, TimeSpan.FromMilliseconds(1)),
    };

    public static TheoryData<string> Assignments => ["", nameof(RoundRobin), nameof(LeastWork), nameof(LargestRemainingMemory), nameof(EarliestPredictedFinish)];

    [Theory]
    [MemberData(nameof(Assignments))]
    public void Run_SeveralInstances_EndsEveryRequestOnceAndAsItIs(string assignment)
    {
        Workload workload = Hard();
        foreach (ISchedulingPolicy policy in new ISchedulingPolicy[] { new FirstComeFirstServed(), new ShortestWorkFirst(), new TenantRoundRobin(), new LeastSlack() })
        {
            foreach (LengthKnowledge lengths in new[] { LengthKnowledge.ClassMean, LengthKnowledge.Noisy(0.6) })
            {
                ReplayResult result = Replay.Run(workload, Tight, Stack(policy), Options(3, assignment) with { Lengths = lengths });
                Assert.Equal(workload.Requests.Select(request => request.Id), result.Records.Select(record => record.Request.Id));
                Assert.All(result.Records, record => Assert.True(record.Outcome is RequestOutcome.Completed or RequestOutcome.Unservable or RequestOutcome.QueueFull or RequestOutcome.TimedOutInQueue));
                Assert.All(result.Records.Where(record => record.IsCompleted), record => Assert.Equal(record.Request.OutputTokens, record.GeneratedTokens));
                Assert.All(result.Records, record => Assert.Equal(record.Request.InputTokens + record.Request.OutputTokens - 1 > 150 * 16, record.Outcome == RequestOutcome.Unservable));
                Assert.Contains(result.Records, record => record.Outcome == RequestOutcome.TimedOutInQueue);
                Assert.Contains(result.Records, record => record.Preemptions > 0);
                Assert.Equal(0, result.PolicyFaults);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Assignments))]
    public void Run_OneInstance_IsTheEngineAlone(string assignment)
    {
        ReplayResult alone = Replay.Run(Hard(), Tight, Stack(new ShortestWorkFirst())), one = Replay.Run(Hard(), Tight, Stack(new ShortestWorkFirst()), Options(1, assignment));
        Assert.Equal(alone.Records, one.Records);
        Assert.Equal(alone.Samples, one.Samples);
        Assert.Equal((alone.Steps, alone.RequestSteps), (one.Steps, one.RequestSteps));
    }

    [Theory]
    [MemberData(nameof(Assignments))]
    public void Run_SameSeed_IsTheSameRun(string assignment)
    {
        ReplayOptions options = Options(3, assignment) with { Lengths = LengthKnowledge.Noisy(0.5), Seed = 7 };
        Assert.Equal(Replay.Run(Hard(), Tight, Stack(new ShortestWorkFirst()), options).Records, Replay.Run(Hard(), Tight, Stack(new ShortestWorkFirst()), options).Records);
    }

    [Fact]
    public void Run_OneQueue_BindsToWhoeverIsFree()
    {
        // The first keeps its engine for ten steps; the others go to the other engine one after another.
        ReplayResult result = Replay.Run(Outputs(10, 2, 2, 2), OneSeat, Stack(new FirstComeFirstServed()), Options(2, ""));
        Assert.Equal([0, 0, 2, 4], result.Records.Select(record => record.AdmittedAt!.Value / Step));
        Assert.Equal([10, 2, 4, 6], result.Records.Select(record => record.EndedAt / Step));
    }

    [Fact]
    public void Run_RoundRobin_BindsOnArrivalInTurn()
    {
        ReplayResult result = Replay.Run(Outputs(10, 2, 2, 2), OneSeat, Stack(new FirstComeFirstServed()), Options(2, nameof(RoundRobin)));
        Assert.Equal([10, 2, 12, 4], result.Records.Select(record => record.EndedAt / Step));
    }

    [Fact]
    public void Run_LeastWork_LooksAtWhatIsLeft()
    {
        ReplayResult result = Replay.Run(Outputs(10, 2, 2, 20), OneSeat, Stack(new FirstComeFirstServed()), Options(2, nameof(LeastWork)));
        Assert.Equal([10, 2, 4, 24], result.Records.Select(record => record.EndedAt / Step));
    }

    [Fact]
    public void Run_OneQueue_TakesTheMostUrgentWhereverItFits()
    {
        ReplayResult result = Replay.Run(Outputs(4, 9, 5, 1), OneSeat, Stack(new ShortestWorkFirst()), Options(2, ""));
        Assert.Equal([4, 13, 6, 1], result.Records.Select(record => record.EndedAt / Step));
    }

    [Fact]
    public void Run_KvOfOneInstanceFull_DoesNotBlockTheOthers()
    {
        EngineSettings engine = new() { MaxSequences = 4, MaxBatchTokens = 1_000, KvBlockTokens = 1, KvBlocks = 100, StepCost = StepCost.Fixed(Step) };
        Workload workload = new("kv", new[] { 90, 60, 30 }.Select((input, i) => new TraceRequest { Id = $"{i}", ArrivedAt = TimeSpan.Zero, InputTokens = input, OutputTokens = 5 }));
        ReplayResult result = Replay.Run(workload, engine, Stack(new FirstComeFirstServed()), Options(2, ""));
        Assert.All(result.Records, record => Assert.Equal(TimeSpan.Zero, record.AdmittedAt));
    }

    [Fact]
    public void Run_FitsNoInstance_IsUnservable()
    {
        EngineSettings engine = OneSeat with { KvBlockTokens = 1, KvBlocks = 10 };
        ReplayResult result = Replay.Run(Outputs(5, 50, 5), engine, Stack(new FirstComeFirstServed()), Options(2, ""));
        Assert.Equal([RequestOutcome.Completed, RequestOutcome.Unservable, RequestOutcome.Completed], result.Records.Select(record => record.Outcome));
    }

    [Fact]
    public void Run_OneQueueOfSeveralRanks_IsRefusedAndAssignedOnesRun()
    {
        EngineSettings ranks = OneSeat with { DataParallelRanks = 2 };
        Assert.Throws<ArgumentException>(() => Replay.Run(Outputs(1, 1), ranks, Stack(new FirstComeFirstServed()), Options(2, "")));
        ReplayResult result = Replay.Run(Outputs(3, 3, 3, 3), ranks, Stack(new FirstComeFirstServed()), Options(2, nameof(RoundRobin)));
        Assert.All(result.Records, record => Assert.Equal(3 * Step, record.EndedAt));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_025)]
    public void Run_InstancesOutOfRange_Throws(int instances) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Replay.Run(Outputs(1), OneSeat, Stack(new FirstComeFirstServed()), Options(instances, "")));

    [Fact]
    public void Run_AssignmentFails_IsCountedAndServesAll()
    {
        ReplayResult result = Replay.Run(Outputs(1, 1, 1), OneSeat, Stack(new FirstComeFirstServed()), new ReplayOptions { Instances = 2, Assignment = new Nowhere() });
        Assert.Equal(3, result.PolicyFaults);
        Assert.All(result.Records, record => Assert.True(record.IsCompleted));
    }

    private static SchedulingStack Stack(ISchedulingPolicy policy) => new("test", policy);

    private static ReplayOptions Options(int instances, string assignment) => new()
    {
        Instances = instances,
        Assignment = assignment switch
        {
            nameof(RoundRobin) => new RoundRobin(),
            nameof(LeastWork) => new LeastWork(),
            nameof(LargestRemainingMemory) => new LargestRemainingMemory(),
            nameof(EarliestPredictedFinish) => new EarliestPredictedFinish(),
            _ => null,
        },
    };

    private static Workload Outputs(params int[] outputs) =>
        new("outputs", outputs.Select((output, i) => new TraceRequest { Id = $"{i}", ArrivedAt = TimeSpan.Zero, InputTokens = 1, OutputTokens = output }));

    private static Workload Hard()
    {
        var random = new SeededRandom(11);
        return new("hard", Enumerable.Range(0, 600).Select(i => new TraceRequest
        {
            Id = $"{i}",
            ArrivedAt = TimeSpan.FromMilliseconds(25 * (i / 3)),
            InputTokens = 1 + random.NextBelow(i % 50 == 0 ? 4_000 : 700),
            OutputTokens = 1 + random.NextBelow(60),
            Tenant = $"{i % 5}",
            TrafficClass = i % 2 == 0 ? "chat" : "code",
            Deadline = i % 7 == 0 ? TimeSpan.FromMilliseconds(100) : null,
        }));
    }

    private sealed class Nowhere : IInstanceAssignment
    {
        public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances) => 99;
    }
}
