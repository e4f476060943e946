namespace LlmScheduling.Tests;

[Collection(nameof(CountsAllocations))]
public sealed class PlanStepAllocationTests
{
    private const int Queued = 1_000, WarmUp = 300, Measured = 1_000, Rounds = 4;

    private static readonly BatchSchedulerOptions Plain = new() { MaxSequences = 32, MaxBatchTokens = 256 };

    // 32 requests of 40 to 90 tokens want about twice the blocks there are.
    private static readonly BatchSchedulerOptions KvPressure = new() { MaxSequences = 32, MaxBatchTokens = 256, KvTotalBlocks = 64 };

    public static TheoryData<string> Cases => [.. Stacks.Keys];

    private static Dictionary<string, (BatchSchedulerOptions Options, ISchedulingPolicy Policy, TokenAllocation Allocation, ISchedulingPolicy? Victim, ILatencyModel? Latency, bool Preempts)> Stacks { get; } = new()
    {
        ["fcfs"] = (Plain, new FirstComeFirstServed(), new(), null, null, false),
        ["priority"] = (Plain, KeyedBy.Priority, new(), null, null, false),
        ["ever other bands"] = (Plain, new KeyedBy((in RequestView r) => new((int)((31 * r.Id.Sequence + 7 * r.LastScheduledAt.Ticks / TimeSpan.TicksPerMillisecond) % 100), 0)), new(), null, null, true),
        ["fcfs under KV pressure"] = (KvPressure, new FirstComeFirstServed(), new(), null, null, true),
        ["priority under KV pressure"] = (KvPressure, KeyedBy.Priority, new() { LookAheadRequests = 8 }, KeyedBy.PriorityBand, null, true),
        ["prefills by key within TPOT"] = (KvPressure, KeyedBy.Priority, new() { PrefillOrder = PrefillOrder.ByKey, PrefillShareOfTpot = 0.9, DecodeShareOfTpot = 0.85, MaxResidentSequences = 40 }, null, new StepTimes(1, 0.1, 0.1), true),
        ["two steps in flight"] = (new() { MaxSequences = 32, MaxBatchTokens = 256, KvTotalBlocks = 64, StepsInFlight = 2 }, new FirstComeFirstServed(), new(), null, null, true),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void PlanStep_InSteadyState_AllocatesNothing(string name)
    {
        (BatchSchedulerOptions options, ISchedulingPolicy policy, TokenAllocation allocation, ISchedulingPolicy? victim, ILatencyModel? latency, bool preempts) = Stacks[name];
        using var rig = new EngineRig(options, policy, allocation, victim, latency);
        var random = new Random(1);
        long preempted = 0, worked = 0;
        var planning = new long[Rounds];
        for (int step = 0; step < WarmUp + Measured; step++)
        {
            for (int i = rig.Scheduler.LiveCount; i < Queued; i++)
                rig.Enqueue(random.Next(10, 60), random.Next(1, 30), random.Next(10), objective: new() { TimePerOutputToken = TimeSpan.FromMilliseconds(20) });
            if (step == WarmUp)
                (preempted, worked) = (0, 0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            BatchPlan plan = rig.Scheduler.PlanStep();
            if (step >= WarmUp)
                planning[(step - WarmUp) * Rounds / Measured] += GC.GetAllocatedBytesForCurrentThread() - before;
            preempted += plan.Preempted.Length;
            worked += plan.Work.Length;
            rig.Run(plan);
            if (rig.StepsInFlight == options.StepsInFlight || plan.IsEmpty)
                rig.Complete();
        }

        // Once in a while the runtime allocates for itself on whatever thread it has; what a step allocates shows in every round.
        Assert.InRange(planning.Count(bytes => bytes > 0), 0, 1);
        Assert.True(worked > 8 * Measured, $"{worked} grants in {Measured} steps are no steady state.");
        Assert.Equal(preempts, preempted > 10);
    }
}
