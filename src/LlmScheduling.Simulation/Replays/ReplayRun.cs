namespace LlmScheduling.Simulation;

/// <summary>
/// One replay in progress. At an instant first the steps that end there take effect, then arrivals join, then steps start, by
/// the index of their instance; arrivals inside a step join at their own time and wait for its end.
/// </summary>
internal sealed class ReplayRun : IDisposable
{
    private const long MostEmptyPlans = 1_000_000;
    private static readonly TimeSpan HeldPollInterval = TimeSpan.FromMilliseconds(5);

    private readonly SimulatedClock _clock = new();
    private readonly SimulatedFleet _fleet;
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
        _fleet = new SimulatedFleet(engine, stack, options, _clock);
    }

    private int LongestOutput { get; }

    public ReplayResult ToEnd(CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AdmitArrivals();
            foreach (SimulatedInstance instance in _fleet.Instances)
            {
                if (instance.StepEnd is null && instance.TryPlan())
                    Start(instance);
            }

            if (!MoveOn())
                break;
        }

        _options.Progress?.Report(1);
        return Result(TimeProvider.System.GetElapsedTime(began));
    }

    public void Dispose() => _fleet.Dispose();

    private void Start(SimulatedInstance instance)
    {
        _emptyPlans = 0;
        Sample();
        BatchShape slowest = instance.Start(_clock.Now);
        _options.Steps?.Add(_clock.Now, instance.StepEnd!.Value, slowest);
    }

    private int Ended => _refused + _fleet.Ends.Count;

    private TimeSpan? NextArrival =>
        _arrived == _requests.Length || (_options.MostWaiting is { } most && _arrived - Ended - _fleet.RunningCount >= most) ? null : _requests[_arrived].Trace.ArrivedAt;

    /// <summary>To the next end of a step or arrival, or a little further where requests are held by an idle instance. False when all is done.</summary>
    private bool MoveOn()
    {
        // Who stood outside a full queue has arrived before.
        TimeSpan? next = NextArrival < _clock.Now ? _clock.Now : NextArrival;
        bool isHeld = false, isBusy = false;
        foreach (SimulatedInstance instance in _fleet.Instances)
        {
            TimeSpan? due = instance.StepEnd;
            isBusy |= due is not null;
            if (due is null && instance.HasLive)
                (due, isHeld) = (_clock.Now + HeldPollInterval, true);
            if (due is not null && !(due >= next))
                next = due;
        }

        if (next is null)
            return false;
        if (isHeld && !isBusy && ++_emptyPlans > MostEmptyPlans)
            throw new ReplayStalledException($"{_arrived - Ended} requests wait and none was planned for {MostEmptyPlans} looks, at {_clock.Now}; request {FirstUnended().Trace.Id} is the first.");
        _clock.MoveTo(next.Value);
        foreach (SimulatedInstance instance in _fleet.Instances)
        {
            if (instance.StepEnd == next)
                Complete(instance);
        }

        return true;
    }

    private void Complete(SimulatedInstance instance)
    {
        instance.Complete();
        if ((++_steps & 0x3FF) == 0)
            _options.Progress?.Report((double)Ended / _requests.Length);
    }

    private SimulatedRequest FirstUnended() => _requests.First(request => request.Ended is null && request.Ticket is { Outcome.IsCompleted: false });

    private void AdmitArrivals()
    {
        while (NextArrival <= _clock.Now)
        {
            Enqueue(_requests[_arrived], _hints[_arrived]);
            _arrived++;
        }
    }

    private void Enqueue(SimulatedRequest request, LengthHint hint)
    {
        TraceRequest trace = request.Trace;
        int limit = trace.MaxOutputTokens ?? _engine.MaxOutputTokens ?? (_options.Lengths.IsOracle ? trace.OutputTokens : LongestOutput);
        bool isRefused = _fleet.Refuses(new InferenceRequest
        {
            PromptTokens = trace.InputTokens,
            MaxOutputTokens = limit,
            Prompt = trace.Prompt.AsMemory(),
            Tenant = trace.Tenant,
            TrafficClass = trace.TrafficClass,
            Priority = trace.Priority,
            QueueTimeout = _engine.ExpireAtDeadline ? trace.Deadline : null,
            State = request,
        }, hint);
        _refused += isRefused ? 1 : 0;
    }

    private void Sample()
    {
        int running = _fleet.RunningCount;
        _samples.Offer(_clock.Now, _arrived - Ended - running, running);
    }

    private ReplayResult Result(TimeSpan wallTime)
    {
        var records = new RequestRecord[_requests.Length];
        for (int i = 0; i < records.Length; i++)
            records[i] = _requests[i].Record(_start);
        TimeSpan last = records.Length == 0 ? TimeSpan.Zero : records.Max(record => record.EndedAt);
        return new ReplayResult(records, _samples.Samples, _steps, _fleet.Instances.Sum(instance => instance.RequestSteps), last, wallTime, _fleet.Faults);
    }
}
