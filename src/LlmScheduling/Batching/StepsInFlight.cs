namespace LlmScheduling;

/// <summary>The plans that are not completed, oldest first, in buffers that are used again. Not thread-safe.</summary>
internal sealed class StepsInFlight(int limit)
{
    private readonly Queue<BatchPlan> _inFlight = new(limit);
    private readonly BatchPlan[] _buffers = [.. Enumerable.Range(0, limit).Select(_ => new BatchPlan())];

    /// <summary>Number of the newest planned step; 0 before the first.</summary>
    public long Newest { get; private set; }

    public int Count => _inFlight.Count;

    public bool IsFull => _inFlight.Count == limit;

    /// <summary>A cleared buffer for the next plan.</summary>
    public BatchPlan Next()
    {
        if (IsFull)
            throw new InvalidOperationException($"PlanStep was called with {limit} step(s) not completed; call CompleteStep of step {_inFlight.Peek().Step} first.");
        int free = 0;
        while (_inFlight.Contains(_buffers[free]))
            free++;
        _buffers[free].Clear();
        return _buffers[free];
    }

    /// <summary>From here on the plan's grants are assumed to be done, until it is completed.</summary>
    public void Begin(BatchPlan plan)
    {
        plan.Step = ++Newest;
        foreach (ref readonly PlannedGrant grant in plan.Grants)
        {
            grant.Request.InFlightTokens += grant.AssumedTokens;
            grant.Request.InFlightEmits += grant.AssumedEmits;
        }

        _inFlight.Enqueue(plan);
    }

    /// <summary>The oldest plan in flight, which must be of <paramref name="step"/>; null once disposed and forgotten.</summary>
    public BatchPlan? Oldest(long step, bool isDisposed)
    {
        if (_inFlight.TryPeek(out BatchPlan? oldest) && oldest.Step == step)
            return oldest;
        if (isDisposed)
            return null;
        throw new ArgumentException(oldest is null
            ? $"CompleteStep was called for step {step}, but no step is in flight."
            : $"CompleteStep was called for step {step}; steps complete in order, and step {oldest.Step} is the oldest in flight.", nameof(step));
    }

    /// <summary>Forgets the oldest plan, and with it the requests that it names.</summary>
    public void Complete() => _inFlight.Dequeue().Clear();
}
