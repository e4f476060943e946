namespace LlmScheduling;

/// <summary>
/// Keeps a step's predicted time within a share of the tightest TPOT among running requests that can still meet theirs: how
/// many prefill tokens it may hold, and whether one more sequence may join.
/// </summary>
internal readonly ref struct TpotBudget
{
    private readonly ILatencyModel? _latency;
    private readonly TokenAllocation _allocation;
    private readonly TimeSpan _tightest;
    private readonly int _decodes;
    private readonly long _context;
    private readonly int _open;
    private readonly long _openContext;

    public TpotBudget(TokenAllocation allocation, ILatencyModel? latency, TimeSpan now, RunningList running, RequestTable table, ReadOnlySpan<PriorityKey> keys)
    {
        _allocation = allocation;
        _tightest = TimeSpan.MaxValue;
        if (latency is null || (allocation.PrefillShareOfTpot is null && allocation.DecodeShareOfTpot is null && allocation.SpareShareOfTpot is null))
            return;
        _latency = latency;
        foreach (LiveRequest request in running.Items)
        {
            ref readonly RequestView view = ref table.ViewOf(request);
            if (keys[request.Index].IsHeld)
                continue;
            if (request.IsDecode(view))
            {
                _decodes++;
                _context += view.PromptTokens + view.Generated + request.InFlightEmits;
            }
            else
            {
                _open++;
                _openContext += view.PromptTokens;
            }

            if (view.TokenInterval < _tightest && !keys[request.Index].IsSpare && CanStillMeet(view, now))
                _tightest = view.TokenInterval;
        }
    }

    /// <summary>Most prefill tokens of this step; at least a small chunk, so that an open prefill goes on.</summary>
    public int MaxPrefillTokens(int budget)
    {
        if (_latency is null || _tightest == TimeSpan.MaxValue || _allocation.PrefillShareOfTpot is not { } share || budget <= 0)
            return budget;
        int least = _open > 0 ? Math.Min(SeatTime.LeastChunk, budget) : 0;
        double limit = share * _tightest.Ticks;
        if (Ticks(_decodes, budget, _context) <= limit)
            return budget;
        int fits = least, exceeds = budget;
        while (exceeds - fits > 1)
        {
            int middle = fits + (exceeds - fits) / 2;
            if (Ticks(_decodes, middle, _context) <= limit)
                fits = middle;
            else
                exceeds = middle;
        }

        return fits;
    }

    /// <summary>Whether the decode step with <paramref name="joining"/> more sequences stays within the share.</summary>
    public bool AllowsDecode(int joining, long joiningContext, bool isSpare)
    {
        double? share = isSpare ? _allocation.SpareShareOfTpot ?? _allocation.DecodeShareOfTpot : _allocation.DecodeShareOfTpot;
        return _latency is null || _tightest == TimeSpan.MaxValue || share is null
            || Ticks(_decodes + _open + joining, _allocation.DecodeSharePrefillTokens, _context + _openContext + joiningContext) <= share.Value * _tightest.Ticks;
    }

    private bool CanStillMeet(in RequestView view, TimeSpan now)
    {
        double alone = Ticks(1, 0, (long)view.PromptTokens + Math.Max(0, view.Generated));
        return view.Generated > 0 ? !Pace.IsLost(view, now, alone)
            : view.Deadline > now && view.FirstTokenDue > now && alone <= view.TokenInterval.Ticks;
    }

    private double Ticks(int decodes, int prefill, long context) =>
        _latency!.PredictStep(new BatchShape(decodes, prefill, context, 0.5 * prefill * prefill)).Ticks;
}
