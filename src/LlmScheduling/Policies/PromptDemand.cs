namespace LlmScheduling;

/// <summary>What prompts that can still keep their promise want of a step: the first few that wait, and all in progress.</summary>
internal ref struct PromptDemand(Span<PromptInNeed> starting)
{
    private readonly Span<PromptInNeed> _starting = starting;
    private int _count;
    private int _open;
    private long _openTokens;
    private double _openDue = double.PositiveInfinity;

    public readonly bool HasOpen => _open > 0;

    /// <summary>Counts a prompt in, unless its key says that it is hopeless, held, or promised nothing.</summary>
    public void Add(in SchedulingSnapshot snapshot, in SeatTime seat, in RequestView request, in PriorityKey key)
    {
        if (key.Tier != 0)
            return;
        int tokens = Math.Max(0, request.TokensToCompute);
        if (request.Phase == RequestPhase.Running)
        {
            _open++;
            _openTokens += tokens;
            _openDue = Math.Min(_openDue, Outlook.PromptDue(snapshot, seat, request));
            return;
        }

        if (_count == _starting.Length)
        {
            if (key.CompareTo(_starting[^1].Key) is var order && (order > 0 || (order == 0 && request.Id.Sequence > _starting[^1].Id)))
                return;
            _count--;
        }

        var prompt = new PromptInNeed(key, request.Id.Sequence, tokens, (long)request.PromptTokens + request.MaxOutputTokens, Outlook.PromptDue(snapshot, seat, request));
        int at = _count++;
        for (; at > 0 && prompt.CompareTo(_starting[at - 1]) < 0; at--)
            _starting[at] = _starting[at - 1];
        _starting[at] = prompt;
    }

    /// <summary>Whether any can go on or start; one that waits needs KV blocks for all it may become.</summary>
    public readonly bool IsAny(KvBudget kv) =>
        _open > 0 || (_count > 0 && (kv.BlocksFor(_starting[0].Context) <= kv.FreeBlocks));

    /// <summary>
    /// Whether one of them is not done in this step and would be late, computed one after another, those in progress first, in
    /// steps of <paramref name="step"/> seconds and <paramref name="tokens"/> prefill tokens that take <paramref name="perToken"/> seconds each.
    /// </summary>
    public readonly bool WouldMiss(double tokens, double step, double perToken)
    {
        double seconds = tokens > 0 ? perToken + step / tokens : double.PositiveInfinity, before = _openTokens;
        if (before > tokens && before * seconds > _openDue)
            return true;
        for (int i = 0; i < _count; i++)
        {
            before += _starting[i].Tokens;
            if (before > tokens && before * seconds > _starting[i].Due)
                return true;
        }

        return false;
    }

    /// <summary>Seats of those that get some of <paramref name="tokens"/>.</summary>
    public readonly int Seats(double tokens)
    {
        int seats = _open;
        double left = tokens - _openTokens;
        for (int i = 0; i < _count && left > 0; i++, seats++)
            left -= _starting[i].Tokens;
        return seats;
    }
}
