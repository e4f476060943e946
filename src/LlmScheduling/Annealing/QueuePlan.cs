namespace LlmScheduling;

/// <summary>An order of the queue on its way from an annealer to the engine's thread. Its buffer is reused.</summary>
internal sealed class QueuePlan
{
    private PlannedRequest[] _requests = new PlannedRequest[64];
    private int _count;

    /// <summary>Who was planned, in no particular order.</summary>
    public ReadOnlySpan<PlannedRequest> Requests => _requests.AsSpan(0, _count);

    /// <summary>Takes the places that an annealer gave to waiting requests.</summary>
    public void Read(ReadOnlySpan<RequestView> requests, ReadOnlySpan<int> positions)
    {
        if (_requests.Length < requests.Length)
            _requests = new PlannedRequest[Math.Max(requests.Length, 2 * _requests.Length)];
        _count = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            if (positions[i] >= 0 && requests[i].Phase != RequestPhase.Running)
                _requests[_count++] = new PlannedRequest(requests[i].Id, positions[i]);
        }
    }
}
