namespace LlmScheduling;

/// <summary>Counts seats and tokens of every instance, and how fast each answers. Not thread-safe, but for <see cref="SetAvailable"/>.</summary>
internal sealed class InstanceLedger
{
    private const double Forgetting = 0.98;

    private readonly InstanceView[] _views;
    private readonly long[] _usedTokens;
    private readonly Pace[] _paces;
    private readonly bool[] _isWanted;
    private readonly long _maxTokens;
    private long _used;
    private long _choices;
    private WorkModel _pricing;
    private TimeSpan _now;

    public InstanceLedger(int instances, int maxSequences, long maxTokens)
    {
        _views = new InstanceView[instances];
        _usedTokens = new long[instances];
        _paces = new Pace[instances];
        _isWanted = new bool[instances];
        _maxTokens = maxTokens;
        Array.Fill(_views, new InstanceView(true, maxSequences, maxTokens, TimeSpan.Zero));
        Array.Fill(_isWanted, true);
    }

    public ReadOnlySpan<InstanceView> Views => _views;

    /// <summary>Free seats of available instances.</summary>
    public long FreeSequences { get; private set; }

    /// <summary>The tokens of all instances, as blocks of one token.</summary>
    public KvBudget Budget
    {
        get
        {
            double total = (double)_maxTokens * _views.Length;
            return total <= int.MaxValue ? new KvBudget(1, (int)total, (int)Math.Max(0, (long)total - _used)) : KvBudget.Unlimited;
        }
    }

    /// <summary>Takes effect at the next decision. Any thread.</summary>
    public void SetAvailable(int instance, bool isAvailable) => Volatile.Write(ref _isWanted[instance], isAvailable);

    /// <summary>Starts a decision: availability as last set, and predictions as of <paramref name="now"/> with work priced by <paramref name="pricing"/>.</summary>
    public void Begin(TimeSpan now, ReadOnlySpan<LiveRequest> running, RequestTable table, in WorkModel pricing)
    {
        FreeSequences = 0;
        (_now, _pricing) = (now, pricing);
        for (int i = 0; i < _views.Length; i++)
        {
            bool isAvailable = Volatile.Read(ref _isWanted[i]);
            _views[i] = _views[i] with { IsAvailable = isAvailable, PredictedIdleAt = now, ExpectedWork = 0 };
            FreeSequences += isAvailable ? _views[i].FreeSequences : 0;
        }

        foreach (LiveRequest live in running)
            Occupy(live.Lease!, table.ViewOf(live));
    }

    /// <summary>Whether any available instance has room.</summary>
    public bool HasRoomFor(in RequestView request)
    {
        foreach (ref readonly InstanceView view in _views.AsSpan())
        {
            if (view.HasRoomFor(request))
                return true;
        }

        return false;
    }

    /// <summary>Gives <paramref name="lease"/> a seat and its expected tokens.</summary>
    public void Take(AdmissionLease lease, in RequestView request, TimeSpan now)
    {
        ref InstanceView view = ref _views[lease.Instance];
        lease.HeldTokens = ExpectedTokens.Of(request);
        _paces[lease.Instance].Begin(now);
        view = view with { FreeSequences = view.FreeSequences - 1, LastChosen = ++_choices };
        FreeSequences--;
        Use(lease.Instance, lease.HeldTokens);
        Occupy(lease, request);
    }

    /// <summary>A report shows that a lease holds <paramref name="tokens"/>; beyond its expectation they count.</summary>
    public void Correct(AdmissionLease lease, long tokens)
    {
        if (tokens <= lease.HeldTokens)
            return;
        Use(lease.Instance, tokens - lease.HeldTokens);
        lease.HeldTokens = tokens;
    }

    /// <summary>Frees a lease's seat and tokens. An answer that was served teaches how fast the instance works; one of 0 tokens teaches nothing.</summary>
    public void Release(AdmissionLease lease, in RequestView request, bool isServed, TimeSpan now)
    {
        ref InstanceView view = ref _views[lease.Instance];
        view = view with { FreeSequences = view.FreeSequences + 1 };
        Use(lease.Instance, -lease.HeldTokens);
        lease.HeldTokens = 0;
        _paces[lease.Instance].End(now, isServed && request.Generated > 0 ? Work(request.PromptTokens, request.Generated) : 0);
    }

    private void Use(int instance, long tokens)
    {
        _used += tokens;
        _usedTokens[instance] += tokens;
        _views[instance] = _views[instance] with { FreeTokens = Math.Max(0, _maxTokens - _usedTokens[instance]) };
    }

    private void Occupy(AdmissionLease lease, in RequestView request)
    {
        ref InstanceView view = ref _views[lease.Instance];
        double work = view.ExpectedWork + WorkLeft(request), pace = _paces[lease.Instance].SecondsPerWork;
        TimeSpan idleAt = pace > 0 ? Saturating.Add(_now, TimeSpan.FromSeconds(Math.Min(work * pace, TimeSpan.MaxValue.TotalSeconds / 2))) : TimeSpan.MaxValue;
        view = view with { ExpectedWork = work, PredictedIdleAt = idleAt };
    }

    /// <summary>From its first token on the prompt is done. Who has outlived the expectation is about to end.</summary>
    private double WorkLeft(in RequestView request) =>
        Work(request.Generated > 0 ? 0 : request.PromptTokens, Math.Max(1, ExpectedTokens.Output(request) - request.Generated));

    private double Work(int prompt, int output)
    {
        double work = _pricing.Seconds(prompt, output, new BatchLimits(int.MaxValue, int.MaxValue));
        return work > 0 && double.IsFinite(work) ? work : (double)prompt + output;
    }

    /// <summary>How long an instance takes for its work while it has some, the last fifty answers or so counting most.</summary>
    private struct Pace
    {
        private TimeSpan _since;
        private double _seconds;
        private double _work;
        private int _requests;

        /// <summary>0 while nothing is known.</summary>
        public readonly double SecondsPerWork => _work > 0 ? _seconds / _work : 0;

        public void Begin(TimeSpan now)
        {
            if (_requests++ == 0)
                _since = now;
        }

        public void End(TimeSpan now, double work)
        {
            _requests--;
            if (work <= 0)
                return;
            _seconds = Forgetting * _seconds + (now - _since).TotalSeconds;
            _work = Forgetting * _work + work;
            _since = now;
        }
    }
}
