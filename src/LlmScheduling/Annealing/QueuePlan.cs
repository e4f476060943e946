namespace LlmScheduling;

/// <summary>An order of the queue on its way from an annealer to the engine's thread. Its buffer is reused.</summary>
internal sealed class QueuePlan
{
    private LoggedPlace[] _requests = new LoggedPlace[64];
    private int _count;

    /// <summary>Creates an empty one.</summary>
    public QueuePlan()
    {
    }

    /// <summary>Creates one as a decision log tells it.</summary>
    public QueuePlan(IEnumerable<LoggedPlace> places)
    {
        _requests = [.. places];
        _count = _requests.Length;
    }

    /// <summary>Who was planned, in no particular order.</summary>
    public ReadOnlySpan<LoggedPlace> Requests => _requests.AsSpan(0, _count);

    /// <summary>Takes the places that an annealer gave to waiting requests.</summary>
    public void Read(ReadOnlySpan<RequestView> requests, ReadOnlySpan<int> positions)
    {
        if (_requests.Length < requests.Length)
            _requests = new LoggedPlace[Math.Max(requests.Length, 2 * _requests.Length)];
        _count = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            if (positions[i] >= 0 && requests[i].Phase != RequestPhase.Running)
                _requests[_count++] = new LoggedPlace(requests[i].Id, positions[i]);
        }
    }
}
