using System.Runtime.InteropServices;

namespace LlmScheduling.Simulation;

/// <summary>One engine rank: runs what its <see cref="BatchScheduler"/> plans, with true output lengths that the scheduler never sees.</summary>
internal sealed class SimulatedEngine : IDisposable
{
    private readonly EngineSettings _settings;
    private readonly KvBlockPool? _pool;
    private readonly InlineAnnealing? _annealing;
    private readonly List<RequestProgress> _progress = [];
    private readonly List<SimulatedRequest> _victims = [];
    private readonly List<SimulatedRequest> _victimsOfEmptyPlan = [];
    private BatchPlan? _current;
    private BatchPlan? _next;

    /// <param name="settings">What it can do.</param>
    /// <param name="scheduler">Who plans for it.</param>
    /// <param name="annealing">Who plans the scheduler's queue; null: nobody.</param>
    public SimulatedEngine(EngineSettings settings, BatchScheduler scheduler, InlineAnnealing? annealing)
    {
        (_settings, Scheduler, _annealing) = (settings, scheduler, annealing);
        if (settings.PreemptedBlocksAsCache && settings.KvBlocks is { } blocks)
            _pool = new KvBlockPool(blocks, settings.KvBlockTokens);
    }

    public BatchScheduler Scheduler { get; }

    public bool HasStep => _current is not null;

    /// <summary>What the current step holds.</summary>
    public BatchShape Shape => _current?.Shape ?? default;

    /// <summary>Requests that got tokens, summed over the steps.</summary>
    public long RequestSteps { get; private set; }

    /// <summary>Plans the step that starts now, unless one was fixed before.</summary>
    public void PlanNow() => _current ??= Plan();

    /// <summary>Fixes the next step while the current one runs.</summary>
    public void PlanAhead() => _next ??= Plan();

    /// <summary>Starts the current step; returns how long it will take.</summary>
    public TimeSpan Start()
    {
        if (_current is not { } plan)
            return TimeSpan.Zero;
        RequestSteps += plan.Work.Length;
        foreach (ref readonly RequestHandle victim in plan.Preempted)
            Evict((SimulatedRequest)victim.Request.State!);
        if (_pool is not null)
        {
            foreach (ref readonly PlannedWork work in plan.Work)
                Allocate((SimulatedRequest)work.Request.State!, work.Tokens);

            // The next plan may be made before this step ends; it must know what its victims would find again.
            ReportCaches();
        }

        return _settings.StepCost.Of(plan);
    }

    /// <summary>Ends the current step and tells the scheduler; the step that was fixed ahead becomes the current one.</summary>
    public void Complete(TimeSpan duration)
    {
        if (_current is { } plan)
        {
            _progress.Clear();
            foreach (ref readonly PlannedWork work in plan.Work)
                Run(work, (SimulatedRequest)work.Request.State!);
            Scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = duration, Progress = CollectionsMarshal.AsSpan(_progress) });
            EvictVictimsOfEmptyPlan();
            ReportCaches();
        }

        (_current, _next) = (_next, null);
    }

    public void Dispose() => Scheduler.Dispose();

    private BatchPlan? Plan()
    {
        if (_annealing?.Take() is { } order)
            Scheduler.Post(InboxMessage.Planned(order));
        BatchPlan plan = Scheduler.PlanStep();
        if (!plan.IsEmpty)
            return plan;

        // A plan that only preempts has no step of its own: its victims lose their KV when the step in flight is over.
        foreach (ref readonly RequestHandle victim in plan.Preempted)
            _victimsOfEmptyPlan.Add((SimulatedRequest)victim.Request.State!);
        if (_current is null)
            EvictVictimsOfEmptyPlan();
        return null;
    }

    private void EvictVictimsOfEmptyPlan()
    {
        foreach (SimulatedRequest victim in _victimsOfEmptyPlan)
            Evict(victim);
        _victimsOfEmptyPlan.Clear();
    }

    private void Evict(SimulatedRequest request)
    {
        if (_pool is not null)
        {
            _pool.FreeAsCache(request, request.Computed);
            _victims.Add(request);
        }

        request.Computed = 0;
    }

    private void Allocate(SimulatedRequest request, int tokens)
    {
        if (request.Ended is not null)
            return;
        // No more than the scheduler was told of: it has set aside blocks for no more. A plan may take and give back one seat, before anything is told.
        if (_victims.Remove(request))
            request.Computed = request.TakenBackTokens = _pool!.TakeBack(request, request.ReportedCachedBlocks);
        _pool!.Grow(request, request.Computed + Math.Min(tokens, Left(request)));
    }

    private void Run(in PlannedWork work, SimulatedRequest request)
    {
        // Fixed ahead, and ended in the step before.
        if (request.Ended is not null)
            return;
        int computed = Math.Min(work.Tokens, Left(request));
        request.Computed += computed;
        bool emits = Left(request) == 0;
        if (emits)
        {
            request.Emitted++;
            request.Lease?.ReportTokens(1);
        }

        FinishReason finish = request.Emitted < request.OutputTokens ? FinishReason.None
            : request.OutputTokens < request.Trace.OutputTokens ? FinishReason.Length
            : FinishReason.Stop;
        if (finish != FinishReason.None)
            _pool?.Free(request);
        _progress.Add(new RequestProgress(work.Id, request.TakenBackTokens + computed, emits ? 1 : 0, finish));
        request.TakenBackTokens = 0;
    }

    private static int Left(SimulatedRequest request) => request.Trace.InputTokens + request.Emitted - request.Computed;

    private void ReportCaches()
    {
        foreach (SimulatedRequest victim in _victims)
        {
            if (victim.CachedBlocks == victim.ReportedCachedBlocks)
                continue;
            victim.ReportedCachedBlocks = victim.CachedBlocks;
            Scheduler.ReportCachedPrefix(victim.Ticket!.Id, victim.CachedBlocks * _settings.KvBlockTokens);
        }
    }
}
