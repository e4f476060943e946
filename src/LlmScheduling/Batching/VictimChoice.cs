namespace LlmScheduling;

/// <summary>Chooses which running request loses its seat or its KV blocks. Not thread-safe.</summary>
internal sealed class VictimChoice(RequestTable table, RunningList running, ISchedulingPolicy? policy, PolicyCall calls)
{
    private PriorityKey[] _keys = [];
    private bool _isAsked;
    private bool _isFaulty;

    /// <summary>A new step: the victim policy is asked again, once, when it is needed.</summary>
    public void BeginStep() => _isAsked = false;

    /// <summary>The seat that goes first: the largest band among those not held; null when all are held.</summary>
    public LiveRequest? ForSeat(ReadOnlySpan<PriorityKey> keys)
    {
        LiveRequest? largest = null;
        foreach (LiveRequest request in running.Items)
        {
            if (!keys[request.Index].IsHeld && (largest is null || IsBehind(keys[request.Index].Band.CompareTo(keys[largest.Index].Band), request, largest)))
                largest = request;
        }

        return largest;
    }

    /// <summary>The blocks that go first: the largest key of the victim policy; without one, or when it fails, the latest admitted.</summary>
    public LiveRequest ForKvBlocks(BatchPlan plan, in SchedulingSnapshot snapshot)
    {
        if (policy is null || !Ask(policy, plan, snapshot))
            return running[running.Count - 1];
        LiveRequest victim = running[0];
        foreach (LiveRequest request in running.Items)
        {
            if (IsBehind(_keys[request.Index].CompareTo(_keys[victim.Index]), request, victim))
                victim = request;
        }

        return victim;
    }

    private bool Ask(ISchedulingPolicy policy, BatchPlan plan, in SchedulingSnapshot snapshot)
    {
        if (_isAsked)
            return !_isFaulty;
        if (_keys.Length < table.Count)
            _keys = new PriorityKey[Math.Max(table.Count, 2 * _keys.Length)];
        Exception? fault = calls.AskForVictims(policy, snapshot, _keys.AsSpan(0, table.Count));
        plan.PolicyFault ??= fault;
        (_isAsked, _isFaulty) = (true, fault is not null);
        return !_isFaulty;
    }

    /// <summary>Equal keys: the later arrival, then the later admission, stands further back.</summary>
    private bool IsBehind(int keyOrder, LiveRequest request, LiveRequest other) =>
        keyOrder != 0 ? keyOrder > 0
        : request.ArrivedAt != other.ArrivedAt ? request.ArrivedAt > other.ArrivedAt
        : table.ViewOf(request).Place > table.ViewOf(other).Place;
}
