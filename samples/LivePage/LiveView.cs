namespace LlmScheduling.Samples;

/// <summary>
/// What the page knows of a scheduler or a gate: an observer counts who ended and how, and the policies that pass through
/// <see cref="Watch"/> show by which keys seats are given. While nobody looks, keys are not copied.
/// </summary>
/// <remarks>Any thread; what it does for the engine's thread is short, and linear in the live requests while somebody looks.</remarks>
internal sealed class LiveView : ISchedulingObserver
{
    private const int MostClasses = 32, MostDecisions = 40, MostRanked = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Stack, string Class), AttainmentCount> _attainment = [];
    private readonly SortedDictionary<string, long> _outcomes = new(StringComparer.Ordinal);
    private readonly Queue<LiveDecision> _decisions = [];
    private readonly Queue<(double Length, double Score)> _ranked = [];
    private readonly HashSet<RequestId> _running = [];
    private readonly SeenKeys _seen = new();
    private LiveControl? _control;
    private int _watchers;
    private bool _hasSeen;
    private int _waiting;
    private int _seats;
    private double? _kvUsed;

    /// <summary>The same policy, watched.</summary>
    public ISchedulingPolicy Watch(ISchedulingPolicy policy) => new WatchedPolicy(policy, this);

    /// <summary>Says what may be switched.</summary>
    public LiveControl Control
    {
        get => _control ?? throw new InvalidOperationException("LiveView.Control is not set.");
        set => _control = value;
    }

    /// <summary>Whether a policy was asked since somebody looks.</summary>
    public bool HasSeen
    {
        get
        {
            lock (_lock)
                return _hasSeen;
        }
    }

    /// <summary>Somebody looks, until what is returned is disposed.</summary>
    public IDisposable Look() => new Watcher(this);

    /// <summary>What to show now.</summary>
    public LiveState State()
    {
        lock (_lock)
        {
            LiveOccupancy now = Control.Occupancy?.Invoke() ?? new LiveOccupancy(_waiting, _running.Count, _seats);
            return new LiveState(
                Control.InForce(),
                Control.Names,
                now.Waiting,
                now.Running,
                now.Seats,
                _kvUsed,
                [.. _attainment.OrderBy(row => row.Key).Select(row => new LiveAttainment(row.Key.Stack, row.Key.Class, row.Value.Met, row.Value.Ended, row.Value.Recent))],
                new Dictionary<string, long>(_outcomes),
                Tau(),
                _ranked.Count,
                [.. _decisions.Reverse()]);
        }
    }

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
        if (Volatile.Read(ref _watchers) == 0 || plan.PolicyFault is not { } fault)
            return;
        lock (_lock)
            Decided(snapshot.Now, "a step of first come, first served", $"the policy failed: {fault.Message}");
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request)
    {
        lock (_lock)
        {
            string outcome = OutcomeName.Of(request.Outcome);
            _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
            if (request.MetObjective is { } met)
                CountOf(request.Request.TrafficClass).Add(met);
            if (request is { Outcome: RequestOutcome.Completed, Finish: FinishReason.Stop } && !float.IsNaN(request.RankScore))
            {
                _ranked.Enqueue((request.GeneratedTokens, request.RankScore));
                if (_ranked.Count > MostRanked)
                    _ranked.Dequeue();
            }

            if (!_hasSeen)
                return;
            if (!_running.Remove(request.Id) && _waiting > 0)
                _waiting--;
            if (request.Outcome != RequestOutcome.Completed)
                Decided(request.EndedAt, $"{Name(request.Id, request.Request.TrafficClass)} ended as {outcome}", After(request.EndedAt - request.ArrivedAt));
        }
    }

    /// <summary>A policy has given these keys. The snapshot is not kept.</summary>
    public void Saw(in SchedulingSnapshot snapshot, ReadOnlySpan<PriorityKey> keys)
    {
        if (Volatile.Read(ref _watchers) == 0)
            return;
        lock (_lock)
        {
            if (!_hasSeen)
                _running.Clear();
            _waiting = 0;
            foreach (ref readonly RequestView request in snapshot.Requests)
            {
                if (request.Phase != RequestPhase.Running)
                    _waiting++;
                if (request.Phase == RequestPhase.Running && _running.Add(request.Id) && _hasSeen)
                    Decided(snapshot.Now, $"{Name(request.Id)} got a seat after {After(snapshot.Now - request.ArrivedAt)}", _seen.ReasonFor(request.Id));
                else if (request.Phase == RequestPhase.Preempted && _running.Remove(request.Id))
                    Decided(snapshot.Now, $"{Name(request.Id)} lost its seat", "the blocks or the seat went to others; it will be computed anew");
            }

            _seen.Keep(snapshot, keys);
            _hasSeen = true;
            _seats = snapshot.Limits.MaxSequences;
            _kvUsed = snapshot.Kv.IsUnlimited ? null : 1 - (double)snapshot.Kv.FreeBlocks / snapshot.Kv.TotalBlocks;
        }
    }

    private AttainmentCount CountOf(string trafficClass)
    {
        var row = (Control.InForce(), trafficClass.Length == 0 ? "(none)" : trafficClass);
        if (!_attainment.ContainsKey(row) && _attainment.Count >= MostClasses)
            row = (Control.InForce(), "(others)");
        if (!_attainment.TryGetValue(row, out AttainmentCount? count))
            _attainment.Add(row, count = new AttainmentCount());
        return count;
    }

    private double? Tau()
    {
        if (_ranked.Count < 2)
            return null;
        double tau = KendallTau.TauB([.. _ranked.Select(answer => answer.Length)], [.. _ranked.Select(answer => answer.Score)]);
        return double.IsNaN(tau) ? null : tau;
    }

    private void Decided(TimeSpan at, string what, string why)
    {
        _decisions.Enqueue(new LiveDecision(at.TotalSeconds, what, why));
        if (_decisions.Count > MostDecisions)
            _decisions.Dequeue();
    }

    private static string Name(RequestId id, string trafficClass = "") =>
        trafficClass.Length == 0 ? $"#{id.Sequence}" : $"#{id.Sequence} {trafficClass}";

    private static string After(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:0.0} s");

    /// <summary>One who looks.</summary>
    private sealed class Watcher : IDisposable
    {
        private LiveView? _view;

        public Watcher(LiveView view)
        {
            _view = view;
            Interlocked.Increment(ref view._watchers);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _view, null) is not { } view)
                return;
            lock (view._lock)
            {
                // Who looks next begins anew: what happens meanwhile is not seen.
                if (Interlocked.Decrement(ref view._watchers) == 0)
                    view._hasSeen = false;
            }
        }
    }
}
