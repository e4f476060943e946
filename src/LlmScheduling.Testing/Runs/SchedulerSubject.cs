using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>The real scheduler.</summary>
internal sealed class SchedulerSubject : IRunSubject
{
    private readonly BatchScheduler _scheduler;
    private readonly SimulatedClock _clock;
    private readonly Func<ISchedulingPolicy> _policyAgain;
    private readonly SchedulerServices _services;

    public SchedulerSubject(Func<RunCase, SchedulingStack> stackFor, RunCase run, SimulatedClock clock, DecisionLog? log = null, Action<BatchSchedulerOptions>? change = null)
    {
        SchedulingStack stack = stackFor(run);
        if (run.Engine.LookAheadRequests > 0)
            stack = stack with { Allocation = stack.Allocation with { LookAheadRequests = run.Engine.LookAheadRequests } };
        BatchSchedulerOptions options = OptionsOf(run);
        change?.Invoke(options);
        _clock = clock;
        _policyAgain = () => stackFor(run).Policy;
        _services = new SchedulerServices { TimeProvider = clock, VictimPolicy = stack.Policy is ByPriority ? new ByPriority(1) : null, Latency = run.Engine.StepCost.Model, DecisionLog = log };
        _scheduler = new BatchScheduler(stack, options, _services);
    }

    public RequestTicket Enqueue(InferenceRequest request) => _scheduler.Enqueue(request);

    public void Cancel(RequestId id) => _scheduler.Cancel(id);

    public PlannedStep Plan()
    {
        BatchPlan plan = _scheduler.PlanStep();
        return new PlannedStep(plan.Step, _clock.Now, [.. plan.Work], Ids(plan.Preempted), Ids(plan.Released), plan.PolicyFault);
    }

    public void Complete(long step, TimeSpan duration, ReadOnlySpan<RequestProgress> progress) =>
        _scheduler.CompleteStep(new StepResult { Step = step, Duration = duration, Progress = progress });

    public DecisionReplayResult Replay(Stream log) => DecisionReplay.Run(log, _ => _policyAgain(), _services.Latency, _services.VictimPolicy);

    public void Dispose() => _scheduler.Dispose();

    private static BatchSchedulerOptions OptionsOf(RunCase run) => new()
    {
        MaxSequences = run.Engine.MaxSequences,
        MaxBatchTokens = run.Engine.MaxBatchTokens,
        PrefillChunkTokens = run.Engine.PrefillChunkTokens,
        KvBlockTokens = run.Engine.KvBlockTokens,
        KvTotalBlocks = run.Engine.KvBlocks,
        KvReservation = run.Engine.Preemption == Preemption.None ? KvReservation.WholeContext : KvReservation.OnDemand,
        Seed = run.Seed,
    };

    private static RequestId[] Ids(ReadOnlySpan<RequestHandle> handles)
    {
        var ids = new RequestId[handles.Length];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = handles[i].Id;
        return ids;
    }
}
