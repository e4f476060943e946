namespace LlmScheduling;

/// <summary>
/// Plans the queue on the timeline that continuous batching has: seats that become free at predicted ends, and prefills one after
/// another. Starts from <see cref="AnnealedSlo"/>, which is the plan in force with every arrival inserted, and anneals.
/// </summary>
/// <remarks>
/// Plans the requests that can still keep a promise, the first of them by the rule; the others are left to it. Lengths are predicted
/// medians; that an end-to-end promise is kept counts with its probability under the predicted spread. KV blocks are not modelled.
/// Bounded by evaluations, not by time: a plan is a function of the snapshot, on every machine. One call at a time.
/// </remarks>
public sealed class SeatsAnnealer : IQueueAnnealer
{
    /// <summary>The evaluations unless given.</summary>
    public const int DefaultEvaluations = 500;

    /// <summary>The requests that are planned at most, unless given.</summary>
    public const int DefaultWindow = 64;

    private readonly SeatsObjective _objective;
    private readonly int _evaluations;
    private readonly int _window;
    private readonly AnnealedSlo _inForce = new();
    private readonly SeatsTimeline _timeline = new();
    private readonly SeatsSearch _search = new();
    private PriorityKey[] _keys = [];
    private Waiting[] _waiting = [];
    private int[] _start = [];
    private double[] _freeAt = [];

    /// <summary>Creates one.</summary>
    /// <param name="objective">What a schedule is worth.</param>
    /// <param name="evaluations">Orders that are tried in a plan; 1 or more.</param>
    /// <param name="window">Requests that are planned at most, the first by the rule; 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or the objective is none of the named ones.</exception>
    public SeatsAnnealer(SeatsObjective objective = SeatsObjective.DiscountedMet, int evaluations = DefaultEvaluations, int window = DefaultWindow)
    {
        if (!Enum.IsDefined(objective))
            throw new ArgumentOutOfRangeException(nameof(objective), objective, "objective must be one of the named ones.");
        ArgumentOutOfRangeException.ThrowIfLessThan(evaluations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        (_objective, _evaluations, _window) = (objective, evaluations, window);
    }

    /// <inheritdoc/>
    public void Plan(in SchedulingSnapshot snapshot, Span<int> positions, CancellationToken cancellationToken = default)
    {
        Span<Waiting> window = First(snapshot);
        if (window.IsEmpty)
            return;
        Fill(snapshot, window);
        for (int i = 0; i < window.Length; i++)
            _start[i] = i;
        _search.Run(_timeline, _start.AsSpan(0, window.Length), _evaluations, snapshot.Seed, cancellationToken);
        ReadOnlySpan<int> best = _search.Best(window.Length);
        for (int place = 0; place < best.Length; place++)
            positions[window[best[place]].Index] = place;
    }

    /// <summary>Who is planned, in the order in force.</summary>
    private Span<Waiting> First(in SchedulingSnapshot snapshot)
    {
        int count = snapshot.Requests.Length, savable = 0;
        if (_keys.Length < count)
            (_keys, _waiting) = (new PriorityKey[2 * count], new Waiting[2 * count]);
        Span<PriorityKey> keys = _keys.AsSpan(0, count);
        _inForce.Prioritize(snapshot, keys);
        for (int i = 0; i < count; i++)
        {
            if (snapshot.Requests[i].Phase != RequestPhase.Running && keys[i].Tier == 0)
                _waiting[savable++] = new Waiting(keys[i].Score, snapshot.Requests[i].Id.Sequence, i);
        }

        Span<Waiting> waiting = _waiting.AsSpan(0, savable);
        waiting.Sort();
        if (_start.Length < Math.Min(savable, _window))
            _start = new int[Math.Min(2 * savable, _window)];
        return waiting[..Math.Min(savable, _window)];
    }

    private void Fill(in SchedulingSnapshot snapshot, ReadOnlySpan<Waiting> window)
    {
        var seat = new SeatTime(snapshot);
        double channel = 0;
        int running = 0;
        int seats = Math.Max(1, snapshot.Limits.MaxSequences);
        if (_freeAt.Length < Math.Max(seats, snapshot.Requests.Length))
            _freeAt = new double[Math.Max(seats, snapshot.Requests.Length)];
        foreach (ref readonly RequestView request in snapshot.Requests)
        {
            if (request.Phase != RequestPhase.Running)
                continue;
            double prefill = request.GeneratedTokens > 0 && request.TokensToCompute <= 1 ? 0 : seat.Channel(request.TokensToCompute);
            channel += prefill;
            _freeAt[running++] = prefill + RemainingTokens(request) * seat.Token;
        }

        Span<double> freeAt = _freeAt.AsSpan(0, Math.Max(seats, running));
        freeAt[running..].Clear();
        freeAt.Sort();
        _timeline.Begin(window.Length, _objective, channel, freeAt);
        Span<SeatsJob> jobs = _timeline.Jobs;
        for (int i = 0; i < jobs.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[window[i].Index];
            double tokens = Math.Max(0, request.TokensToCompute);
            jobs[i] = new SeatsJob(
                seat.Channel(tokens),
                seat.FirstToken(tokens),
                Math.Max(0, RemainingTokens(request) - 1) * seat.Token,
                Until(request.NextTokenDue, snapshot.Now),
                Until(request.Deadline, snapshot.Now),
                request.Length.LogSpread,
                (snapshot.Now - request.ArrivedAt).TotalSeconds);
        }
    }

    /// <summary>Output tokens that a request is expected to generate still. Who has outrun its median goes on for about a half spread of what it has.</summary>
    private static double RemainingTokens(in RequestView request)
    {
        double most = Math.Max(0, (double)request.MaxOutputTokens - request.GeneratedTokens);
        if (!request.Length.IsKnown)
            return Math.Min(1, most);
        double left = Math.Max(request.Length.Median - request.GeneratedTokens, 0.5 * request.Length.LogSpread * request.GeneratedTokens);
        return Math.Min(Math.Max(1, left), most);
    }

    private static double Until(TimeSpan due, TimeSpan now) => due == TimeSpan.MaxValue ? double.PositiveInfinity : ((double)due.Ticks - now.Ticks) / TimeSpan.TicksPerSecond;

    private readonly record struct Waiting(double Score, long Id, int Index) : IComparable<Waiting>
    {
        public int CompareTo(Waiting other)
        {
            int order = Score.CompareTo(other.Score);
            return order != 0 ? order : Id.CompareTo(other.Id);
        }
    }
}
