namespace LlmScheduling.Simulation;

/// <summary>
/// One replay in progress. At an instant first the step that ends there takes effect, then arrivals join, then a step starts;
/// arrivals inside a step join at their own time and wait for its end.
/// </summary>
internal sealed class ReplayRun : IDisposable
{
    private const long MostEmptyPlans = 1_000_000;
    private static readonly TimeSpan HeldPollInterval = TimeSpan.FromMilliseconds(5);

    private readonly SimulatedClock _clock = new();
    private readonly SimulatedEngine[] _ranks;
    private readonly SimulatedRequest[] _requests;
    private readonly LengthHint[] _hints;
    private readonly EngineSettings _engine;
    private readonly ReplayOptions _options;
    private readonly TimeSpan _start;
    private readonly SampledQueue _samples = new();
    private int _arrived;
    private int _refused;
    private long _steps;
    private long _emptyPlans;

    public ReplayRun(Workload workload, EngineSettings engine, SchedulingStack stack, ReplayOptions options)
    {
        (_engine, _options) = (engine, options);
        _requests = new SimulatedRequest[workload.Requests.Count];
        for (int i = 0; i < _requests.Length; i++)
        {
            TraceRequest trace = workload.Requests[i];
            _requests[i] = new SimulatedRequest(trace, Math.Min(trace.OutputTokens, trace.MaxOutputTokens ?? engine.MaxOutputTokens ?? int.MaxValue));
        }

        _hints = LengthHint.For(workload, options.Lengths, options.Seed);
        LongestOutput = workload.Requests.Count == 0 ? 1 : workload.Requests.Max(request => request.OutputTokens);
        // Schedulers count from the first arrival: scores are doubles, which would blur the microseconds of times since some distant epoch.
        _start = _requests.Length == 0 ? TimeSpan.Zero : _requests[0].Trace.ArrivedAt;
        _clock.MoveTo(_start);
        _ranks = new SimulatedEngine[engine.DataParallelRanks];
        for (int rank = 0; rank < _ranks.Length; rank++)
            _ranks[rank] = new SimulatedEngine(engine, stack, options, _clock, rank == 0 ? options.Observers : []);
    }

    private int LongestOutput { get; }

    public ReplayResult ToEnd(CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AdmitArrivals(_clock.Now, isInclusive: true);
            bool hasStep = false;
            foreach (SimulatedEngine rank in _ranks)
            {
                rank.PlanNow();
                hasStep |= rank.HasStep;
            }

            if (hasStep)
                RunStep();
            else if (!SkipAhead())
                break;
        }

        _options.Progress?.Report(1);
        return Result(TimeProvider.System.GetElapsedTime(began));
    }

    public void Dispose()
    {
        foreach (SimulatedEngine rank in _ranks)
            rank.Dispose();
    }

    private void RunStep()
    {
        _emptyPlans = 0;
        Sample();
        TimeSpan duration = TimeSpan.Zero;
        BatchShape slowest = default;
        foreach (SimulatedEngine rank in _ranks)
        {
            TimeSpan own = rank.Start();
            if (own > duration)
                (duration, slowest) = (own, rank.Shape);
        }

        if (_engine.LookAheadSteps > 0)
        {
            foreach (SimulatedEngine rank in _ranks)
                rank.PlanAhead();
        }

        TimeSpan end = _clock.Now + duration;
        _options.Steps?.Add(_clock.Now, end, slowest);
        AdmitArrivals(end, isInclusive: false);
        _clock.MoveTo(end);
        foreach (SimulatedEngine rank in _ranks)
            rank.Complete(duration);
        if ((++_steps & 0x3FF) == 0)
            _options.Progress?.Report((double)Ended / _requests.Length);
    }

    private int Ended
    {
        get
        {
            int ended = _refused;
            foreach (SimulatedEngine rank in _ranks)
                ended += rank.EndedCount;
            return ended;
        }
    }

    private long Waiting
    {
        get
        {
            long waiting = _arrived - Ended;
            foreach (SimulatedEngine rank in _ranks)
                waiting -= rank.Scheduler.RunningCount;
            return waiting;
        }
    }

    /// <summary>Nothing to run: to the next arrival, or a little further while requests are held. False when all is done.</summary>
    private bool SkipAhead()
    {
        bool isWaiting = Ended < _arrived;
        TimeSpan? arrival = _arrived < _requests.Length ? _requests[_arrived].Trace.ArrivedAt : null;
        if (!isWaiting && arrival is null)
            return false;
        TimeSpan next = isWaiting ? _clock.Now + HeldPollInterval : arrival!.Value;
        if (arrival < next)
            next = arrival.Value;
        if (isWaiting && ++_emptyPlans > MostEmptyPlans)
            throw new ReplayStalledException($"{_arrived - Ended} requests wait and none was planned for {MostEmptyPlans} looks, at {_clock.Now}; request {FirstUnended().Trace.Id} is the first.");
        _clock.MoveTo(next);
        return true;
    }

    private SimulatedRequest FirstUnended() => _requests.First(request => request.Ended is null && request.Ticket is { Outcome.IsCompleted: false });

    private void AdmitArrivals(TimeSpan until, bool isInclusive)
    {
        while (_arrived < _requests.Length)
        {
            TimeSpan at = _requests[_arrived].Trace.ArrivedAt;
            if ((isInclusive ? at > until : at >= until) || Waiting >= _options.MostWaiting)
                return;
            if (at > _clock.Now)
                _clock.MoveTo(at);
            Enqueue(_requests[_arrived], _hints[_arrived]);
            _arrived++;
        }
    }

    private void Enqueue(SimulatedRequest request, LengthHint hint)
    {
        TraceRequest trace = request.Trace;
        SimulatedEngine rank = LeastLoaded();
        int limit = trace.MaxOutputTokens ?? _engine.MaxOutputTokens ?? (_options.Lengths.IsOracle ? trace.OutputTokens : LongestOutput);
        request.Ticket = rank.Scheduler.Enqueue(new InferenceRequest
        {
            PromptTokens = trace.InputTokens,
            MaxOutputTokens = limit,
            Prompt = trace.Prompt.AsMemory(),
            Tenant = trace.Tenant,
            TrafficClass = trace.TrafficClass,
            Priority = trace.Priority,
            QueueTimeout = _engine.ExpireAtDeadline ? trace.Deadline : null,
            State = request,
        });
        if (request.Ticket.Outcome.IsCompleted)
            _refused++;
        else if (hint.Estimate.IsKnown)
            rank.Scheduler.Post(InboxMessage.Ranked(request.Ticket.Id, hint.Score, hint.Estimate));
        // Who is displaced leaves when the newcomer comes, and no bound on undecided arrivals has a say.
        if (_engine.QueueFull == QueueFullAction.Displace)
            rank.Scheduler.TakeIn();
    }

    private SimulatedEngine LeastLoaded()
    {
        SimulatedEngine least = _ranks[0];
        foreach (SimulatedEngine rank in _ranks)
        {
            if (rank.Scheduler.LiveCount < least.Scheduler.LiveCount)
                least = rank;
        }

        return least;
    }

    private void Sample()
    {
        int live = 0, running = 0;
        foreach (SimulatedEngine rank in _ranks)
        {
            live += rank.Scheduler.LiveCount;
            running += rank.Scheduler.RunningCount;
        }

        _samples.Offer(_clock.Now, live - running, running);
    }

    private ReplayResult Result(TimeSpan wallTime)
    {
        var records = new RequestRecord[_requests.Length];
        for (int i = 0; i < records.Length; i++)
            records[i] = _requests[i].Record(_start);
        long requestSteps = 0, faults = 0;
        foreach (SimulatedEngine rank in _ranks)
        {
            requestSteps += rank.RequestSteps;
            faults += rank.Scheduler.PolicyFaults;
        }

        TimeSpan last = records.Length == 0 ? TimeSpan.Zero : records.Max(record => record.EndedAt);
        return new ReplayResult(records, _samples.Samples, _steps, requestSteps, last, wallTime, faults);
    }
}
