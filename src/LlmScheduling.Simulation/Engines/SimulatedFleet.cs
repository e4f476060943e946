namespace LlmScheduling.Simulation;

/// <summary>
/// The instances of a replay and the way to them: one queue that all draw from, or, with an assignment, a queue each behind an
/// <see cref="AdmissionGate"/> that has seats for everybody and so binds on arrival.
/// </summary>
internal sealed class SimulatedFleet : IDisposable
{
    private readonly EngineSettings _settings;
    private readonly ReplayOptions _options;
    private readonly SchedulingStack _stack;
    private readonly AdmissionGate? _gate;
    private readonly InlineLearning? _learning;
    private readonly bool _isShared;
    private readonly IReadOnlyList<BatchScheduler> _schedulers;
    private readonly InlineAnnealing?[] _annealing;

    public SimulatedFleet(EngineSettings settings, SchedulingStack stack, ReplayOptions options, SimulatedClock clock)
    {
        (_settings, _options) = (settings, options);
        _stack = settings.LookAheadRequests > 0 ? stack with { Allocation = stack.Allocation with { LookAheadRequests = settings.LookAheadRequests } } : stack;
        if (options.Instances > 1 && options.Assignment is { } assignment)
        {
            _gate = new AdmissionGate(
                new FirstComeFirstServed(),
                new AdmissionGateOptions { Instances = options.Instances, MaxSequences = int.MaxValue, MaxQueuedRequests = int.MaxValue },
                new SchedulerServices { TimeProvider = clock, Latency = settings.StepCost.Model },
                assignment);
        }

        _isShared = options.Instances > 1 && _gate is null;
        if (options.Lengths.Learner is { } learner)
            _learning = new InlineLearning(learner());
        int schedulers = options.Instances * settings.DataParallelRanks;
        _annealing = [.. Enumerable.Range(0, _isShared ? 1 : schedulers).Select(_ => Annealing(clock))];
        _schedulers = _isShared
            ? BatchScheduler.CreateInstances(schedulers, _stack, Capacities, Services(clock, options.Observers, _annealing[0]))
            : [.. Enumerable.Range(0, schedulers).Select(i => new BatchScheduler(_stack, Capacities, Services(clock, i == 0 ? options.Observers : [], _annealing[i])))];
        if (_learning is not null)
            _learning.Scheduler = _schedulers[0];
        Instances =
        [
            .. _schedulers.Select((rank, i) => new SimulatedEngine(settings, rank, _annealing[_isShared ? 0 : i]))
                .Chunk(settings.DataParallelRanks).Select(ranks => new SimulatedInstance(settings, ranks)),
        ];
    }

    public SimulatedInstance[] Instances { get; }

    public SimulatedEnds Ends { get; } = new();

    public int RunningCount
    {
        get
        {
            int running = 0;
            foreach (SimulatedInstance instance in Instances)
                running += instance.RunningCount;
            return running;
        }
    }

    /// <summary>Steps in which the policy failed, arrivals for which the assignment did, and plans of the queue for which the annealer did.</summary>
    public long Faults => (_gate?.AssignmentFaults ?? 0)
        + _annealing.Sum(one => one?.Faults ?? 0)
        + (_isShared ? _schedulers[0].PolicyFaults : _schedulers.Sum(scheduler => scheduler.PolicyFaults));

    private BatchSchedulerOptions Capacities => new()
    {
        MaxSequences = _settings.MaxSequences,
        MaxBatchTokens = _settings.MaxBatchTokens,
        ChunkedPrefill = _settings.ChunkedPrefill,
        PrefillChunkTokens = _settings.PrefillChunkTokens,
        KvBlockTokens = _settings.KvBlockTokens,
        KvTotalBlocks = _settings.KvBlocks,
        KvReservation = _settings.KvReservation ?? (_settings.Preemption == Preemption.None ? KvReservation.WholeContext : KvReservation.OnDemand),
        MaxQueuedRequests = _settings.MaxQueuedRequests ?? int.MaxValue,
        QueueFull = _settings.QueueFull,
        StepsInFlight = 1 + _settings.LookAheadSteps,
        Seed = _options.Seed,
    };

    /// <summary>Queues a request; returns whether it was refused at once.</summary>
    public bool Refuses(InferenceRequest request, LengthHint hint)
    {
        var simulated = (SimulatedRequest)request.State!;
        simulated.Lease = _gate?.TryAcquire(WithoutTimeout(request), hint.Score, hint.Estimate);
        BatchScheduler scheduler = Instances[simulated.Lease?.Instance ?? 0].Door;
        simulated.Ticket = scheduler.Enqueue(request);
        bool isRefused = simulated.Ticket.Outcome.IsCompleted;
        if (isRefused)
            simulated.Lease?.Dispose();
        else if (_learning is not null)
            _learning.Arrived(simulated.Ticket.Id, request);
        else if (hint.IsKnown)
            scheduler.Post(InboxMessage.Ranked(simulated.Ticket.Id, hint.Score, hint.Estimate));
        // Who is displaced leaves when the newcomer comes, and no bound on undecided arrivals has a say.
        if (_settings.QueueFull == QueueFullAction.Displace)
            scheduler.TakeIn();
        return isRefused;
    }

    public void Dispose()
    {
        foreach (SimulatedInstance instance in Instances)
            instance.Dispose();
        _gate?.Dispose();
    }

    private InlineAnnealing? Annealing(SimulatedClock clock) => _options.Annealer is { } annealer ? new InlineAnnealing(annealer(), _options.AnnealingDelay, clock) : null;

    private SchedulerServices Services(SimulatedClock clock, IReadOnlyList<ISchedulingObserver> observers, InlineAnnealing? annealing) => new()
    {
        TimeProvider = clock,
        Latency = _settings.StepCost.Model,
        Slo = new TraceSlo(_options.Slo),
        VictimPolicy = _options.VictimPolicy,
        Observers = [Ends, .. annealing is null ? [] : (ISchedulingObserver[])[annealing], .. _learning is null ? [] : (ISchedulingObserver[])[_learning], .. observers],
    };

    /// <summary>A gate that never lets wait has nobody to time out; the instance's queue has.</summary>
    private static InferenceRequest WithoutTimeout(InferenceRequest request) => new()
    {
        PromptTokens = request.PromptTokens,
        MaxOutputTokens = request.MaxOutputTokens,
        Tenant = request.Tenant,
        TrafficClass = request.TrafficClass,
        Priority = request.Priority,
    };
}
