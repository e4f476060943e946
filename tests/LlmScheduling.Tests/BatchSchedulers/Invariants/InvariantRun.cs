namespace LlmScheduling.Tests;

/// <summary>
/// A scheduler drawn from a seed, an engine that reports anything legal, and clients that send anything legal: whatever
/// happens, no budget is exceeded, no request is lost or ends twice, and a sane policy brings everybody to an end.
/// </summary>
internal sealed class InvariantRun : IDisposable
{
    private static readonly int[] Hostile = [int.MaxValue, int.MaxValue - 1, 1 << 30];

    private readonly Dictionary<long, InvariantSequence> _sequences = [];
    private readonly Queue<(long Step, PlannedWork[] Work)> _inFlight = new();
    private readonly List<RequestTicket> _tickets = [];
    private readonly ManualTimeProvider _clock = new();
    private readonly LifeCycle _lifeCycle = new();
    private readonly InvariantSetup _setup;
    private readonly BatchScheduler _scheduler;
    private readonly Random _random;

    public InvariantRun(int seed)
    {
        _random = new Random(seed);
        _setup = new InvariantSetup(_random);
        _scheduler = new BatchScheduler(
            new SchedulingStack("random", _setup.Policy) { Allocation = _setup.Allocation },
            _setup.Options,
            new SchedulerServices { TimeProvider = _clock, VictimPolicy = _setup.VictimPolicy, Latency = _setup.Latency, Observers = [_lifeCycle] });
    }

    private BatchSchedulerOptions Options => _setup.Options;

    public void Execute(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            for (int i = _random.Next(3); i > 0; i--)
                Enqueue();
            if (_random.Next(8) == 0)
                _scheduler.Cancel(new RequestId(_random.Next(-1, _tickets.Count + 1)));
            if (_random.Next(8) == 0)
                _scheduler.ReportCachedPrefix(new RequestId(_random.Next(_tickets.Count + 1)), _random.Next(4) == 0 ? int.MaxValue : _random.Next(20));
            if (_random.Next(20) == 0)
                _ = _scheduler.TryGetQueuePosition(new RequestId(_random.Next(_tickets.Count + 1)), out _);
            _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(3)));
            Step();
        }

        if (_random.Next(2) == 0)
            Drain();
        _scheduler.Dispose();
        while (_inFlight.Count > 0)
            Complete();
        Assert.Empty(_lifeCycle.Violations);
        Assert.All(_tickets, ticket => Assert.NotNull(ticket.Ended()));
        Assert.Equal(0, _scheduler.LiveCount);
        Assert.Equal(0, _scheduler.HeldKvBlocks);
        Assert.Equal((0, 0L), _scheduler.Queued);
    }

    public void Dispose() => _scheduler.Dispose();

    private void Enqueue()
    {
        bool isHostile = Options.KvTotalBlocks is null && Options.MaxBatchTokens == int.MaxValue && _random.Next(4) == 0;
        int prompt = isHostile ? Hostile[_random.Next(Hostile.Length)] : _random.Next(1, 40);
        int output = _random.Next(10) == 0 ? Hostile[_random.Next(Hostile.Length)] : _random.Next(0, 12);
        RequestTicket ticket = _scheduler.Enqueue(new InferenceRequest
        {
            PromptTokens = prompt,
            MaxOutputTokens = output,
            CachedPrefixTokens = _random.Next(3) == 0 ? _random.Next(2) == 0 ? int.MaxValue : _random.Next(prompt) : 0,
            Priority = _random.Next(6) == 0 ? _random.Next(2) == 0 ? int.MinValue : int.MaxValue : _random.Next(3),
            Tenant = $"tenant {_random.Next(8)}",
            TrafficClass = $"class {_random.Next(400)}",
            QueueTimeout = _random.Next(6) switch { 0 => TimeSpan.MaxValue, 1 => TimeSpan.FromMilliseconds(_random.Next(10)), 2 => TimeSpan.MinValue, _ => null },
            Objective = _random.Next(2) == 0 ? null : new() { TimePerOutputToken = TimeSpan.FromMilliseconds(_random.Next(50)), TimeToFirstToken = _random.Next(2) == 0 ? TimeSpan.MinValue : TimeSpan.FromMilliseconds(20) },
        });
        _tickets.Add(ticket);
        _sequences.Add(ticket.Id.Sequence, new InvariantSequence(prompt, output));
    }

    private void Step()
    {
        BatchPlan plan = _scheduler.PlanStep();
        Check(plan);
        if (!plan.IsEmpty)
            _inFlight.Enqueue((plan.Step, plan.Work.ToArray()));
        if (_inFlight.Count > 0 && (plan.IsEmpty || _inFlight.Count == Options.StepsInFlight || _random.Next(2) == 0))
            Complete();
    }

    private void Check(BatchPlan plan)
    {
        Assert.Empty(_lifeCycle.Violations);
        foreach (RequestHandle preempted in plan.Preempted)
            _sequences[preempted.Id.Sequence].Preempt(_inFlight.Count == 0 ? 0 : _inFlight.Last().Step);
        foreach (RequestHandle released in plan.Released)
            Assert.False(_lifeCycle.IsRunning(released.Id));

        Assert.InRange(plan.Work.Length, 0, Options.MaxSequences);
        Assert.InRange(_lifeCycle.Running, 0, Math.Max(Options.MaxSequences, _setup.Allocation.MaxResidentSequences ?? 0));
        Assert.Equal(plan.Work.Length, plan.Work.ToArray().DistinctBy(work => work.Id).Count());
        Assert.InRange(plan.Work.ToArray().Sum(work => (long)work.Tokens), 0, Options.MaxBatchTokens);
        foreach (PlannedWork work in plan.Work)
        {
            InvariantSequence sequence = _sequences[work.Id.Sequence];
            Assert.InRange(work.Tokens, 1, Math.Min(sequence.MostTokens(Options.TokensPerDecode), Options.PrefillChunkTokens ?? int.MaxValue));
            Assert.True(_lifeCycle.IsRunning(work.Id));
        }

        if (Options.KvTotalBlocks is { } total)
            Assert.InRange(_scheduler.HeldKvBlocks, 0, total);
    }

    /// <summary>Reports the oldest step: as planned, partly, not at all, stopped, failed.</summary>
    private void Complete()
    {
        (long step, PlannedWork[] work) = _inFlight.Dequeue();
        _random.Shuffle(work);
        var progress = new List<RequestProgress>();
        foreach (PlannedWork each in work)
        {
            if (_random.Next(10) > 0)
                progress.Add(_sequences[each.Id.Sequence].Run(each, step, _random));
        }

        _scheduler.CompleteStep(new StepResult { Step = step, Duration = _random.Next(30) == 0 ? TimeSpan.MaxValue : TimeSpan.FromMilliseconds(_random.Next(3)), Progress = progress.ToArray() });
    }

    /// <summary>Whatever state the random policy has led to, first come first served serves everybody from it.</summary>
    private void Drain()
    {
        _scheduler.StopAccepting();
        foreach (RequestTicket ticket in _tickets)
        {
            // Nobody waits for two thousand million tokens.
            if (_sequences[ticket.Id.Sequence].IsEndless)
                _scheduler.Cancel(ticket.Id);
        }

        _scheduler.Stack = new SchedulingStack("fcfs", new FirstComeFirstServed()) { Allocation = _setup.Allocation };
        int steps = 0;
        while (_scheduler.LiveCount > 0 || _inFlight.Count > 0)
        {
            Step();
            Assert.True(++steps < 20_000, $"{_scheduler.LiveCount} requests are never served.");
        }
    }
}
