namespace LlmScheduling;

/// <summary>One step's decision: who gets how many tokens, who is preempted, and whose KV blocks are to be freed.</summary>
/// <remarks>Valid until <see cref="BatchScheduler.CompleteStep"/> of the same step, an empty plan until the next call; then its buffers are reused.</remarks>
public sealed class BatchPlan
{
    private PlannedWork[] _work = new PlannedWork[64];
    private PlannedGrant[] _grants = new PlannedGrant[64];
    private RequestHandle[] _preempted = new RequestHandle[16];
    private RequestHandle[] _released = new RequestHandle[16];
    private int _workCount;
    private int _preemptedCount;
    private int _releasedCount;

    internal BatchPlan()
    {
    }

    /// <summary>Number of the step, from 1; 0 for an empty plan.</summary>
    public long Step { get; internal set; }

    /// <summary>Who gets how many tokens, in grant order.</summary>
    public ReadOnlySpan<PlannedWork> Work => _work.AsSpan(0, _workCount);

    /// <summary>Requests that lose their seat and KV blocks: free the blocks; they will come again and be computed anew. One that lost its seat may be in <see cref="Work"/> of the same plan, from its first token.</summary>
    public ReadOnlySpan<RequestHandle> Preempted => _preempted.AsSpan(0, _preemptedCount);

    /// <summary>Requests that ended without the engine (cancelled, shut down) while they held KV blocks: free the blocks and stop them.</summary>
    public ReadOnlySpan<RequestHandle> Released => _released.AsSpan(0, _releasedCount);

    /// <summary>Whether there is nothing to run. An empty plan has no step and is not completed; its lists still count.</summary>
    public bool IsEmpty => _workCount == 0;

    /// <summary>What the step's duration depends on.</summary>
    public BatchShape Shape { get; internal set; }

    /// <summary>What the policy threw, or that it answered NaN: the step is first come, first served. Null when all is well.</summary>
    public Exception? PolicyFault { get; internal set; }

    internal ReadOnlySpan<PlannedGrant> Grants => _grants.AsSpan(0, _workCount);

    internal void Clear()
    {
        Array.Clear(_work, 0, _workCount);
        Array.Clear(_grants, 0, _workCount);
        Array.Clear(_preempted, 0, _preemptedCount);
        Array.Clear(_released, 0, _releasedCount);
        _workCount = _preemptedCount = _releasedCount = 0;
        Step = 0;
        Shape = default;
        PolicyFault = null;
    }

    internal void Grant(in PlannedGrant grant, int tokens)
    {
        if (_workCount == _work.Length)
        {
            Array.Resize(ref _work, _workCount * 2);
            Array.Resize(ref _grants, _workCount * 2);
        }

        _grants[_workCount] = grant;
        _work[_workCount++] = new PlannedWork(grant.Request.Id, tokens, grant.Request.Request);
    }

    /// <summary>Takes a grant back; returns its tokens, 0 when there is none.</summary>
    internal int CancelGrant(LiveRequest request)
    {
        for (int at = 0; at < _workCount; at++)
        {
            if (_grants[at].Request != request)
                continue;
            int tokens = _work[at].Tokens;
            _workCount--;
            Array.Copy(_work, at + 1, _work, at, _workCount - at);
            Array.Copy(_grants, at + 1, _grants, at, _workCount - at);
            _work[_workCount] = default;
            _grants[_workCount] = default;
            return tokens;
        }

        return 0;
    }

    internal void AddPreempted(LiveRequest request) => Add(ref _preempted, ref _preemptedCount, new(request.Id, request.Request));

    internal void AddReleased(RequestHandle handle) => Add(ref _released, ref _releasedCount, handle);

    private static void Add(ref RequestHandle[] list, ref int count, RequestHandle handle)
    {
        if (count == list.Length)
            Array.Resize(ref list, count * 2);
        list[count++] = handle;
    }
}
