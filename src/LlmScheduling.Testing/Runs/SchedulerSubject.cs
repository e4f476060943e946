using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>The real scheduler.</summary>
internal sealed class SchedulerSubject : IRunSubject
{
    private readonly BatchScheduler _scheduler;
    private readonly SimulatedClock _clock;

    public SchedulerSubject(SchedulingStack stack, RunCase run, SimulatedClock clock)
        : this(stack, OptionsOf(run), clock, stack.Policy is ByPriority ? new ByPriority(1) : null, run.Engine)
    {
    }

    public SchedulerSubject(SchedulingStack stack, BatchSchedulerOptions options, SimulatedClock clock, ISchedulingPolicy? victimPolicy, EngineSettings engine)
    {
        _clock = clock;
        if (engine.LookAheadRequests > 0)
            stack = stack with { Allocation = stack.Allocation with { LookAheadRequests = engine.LookAheadRequests } };
        _scheduler = new BatchScheduler(stack, options, new SchedulerServices { TimeProvider = clock, VictimPolicy = victimPolicy, Latency = engine.StepCost.Model });
    }

    public static BatchSchedulerOptions OptionsOf(RunCase run) => new()
    {
        MaxSequences = run.Engine.MaxSequences,
        MaxBatchTokens = run.Engine.MaxBatchTokens,
        PrefillChunkTokens = run.Engine.PrefillChunkTokens,
        KvBlockTokens = run.Engine.KvBlockTokens,
        KvTotalBlocks = run.Engine.KvBlocks,
        KvReservation = run.Engine.Preemption == Preemption.None ? KvReservation.WholeContext : KvReservation.OnDemand,
        Seed = run.Seed,
    };

    public RequestTicket Enqueue(InferenceRequest request) => _scheduler.Enqueue(request);

    public void Cancel(RequestId id) => _scheduler.Cancel(id);

    public PlannedStep Plan()
    {
        BatchPlan plan = _scheduler.PlanStep();
        return new PlannedStep(plan.Step, _clock.Now, [.. plan.Work], Ids(plan.Preempted), Ids(plan.Released), plan.PolicyFault);
    }

    public void Complete(long step, TimeSpan duration, ReadOnlySpan<RequestProgress> progress) =>
        _scheduler.CompleteStep(new StepResult { Step = step, Duration = duration, Progress = progress });

    public void Dispose() => _scheduler.Dispose();

    private static RequestId[] Ids(ReadOnlySpan<RequestHandle> handles)
    {
        var ids = new RequestId[handles.Length];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = handles[i].Id;
        return ids;
    }
}
