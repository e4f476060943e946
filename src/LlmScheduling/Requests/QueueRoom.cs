namespace LlmScheduling;

/// <summary>
/// Makes room in a full queue: the least urgent, latest of the waiting requests leave for an arrival that is strictly more
/// urgent than each of them, and nobody leaves when that would not be room enough. Ordered once per drain and only when it is
/// needed, so that a flood of urgent arrivals does not hold the step up. For the deciding thread.
/// </summary>
internal sealed class QueueRoom(LiveRequests requests, QueueBound queue)
{
    private readonly PriorityQueue<LiveRequest, (int Priority, TimeSpan Arrival, long Id)> _leastUrgentFirst =
        new(Comparer<(int Priority, TimeSpan Arrival, long Id)>.Create(static (a, b) => b.CompareTo(a)));

    private readonly List<LiveRequest> _leaving = [];
    private bool _isOrdered;

    /// <summary>Whether <paramref name="arrival"/> fits, those who had to leave for it being displaced; if so, it waits from here on.</summary>
    /// <param name="arrival">The arrival.</param>
    /// <param name="now">The time.</param>
    /// <param name="unsettled">Arrivals that are in the table and do not count yet, with their prompts.</param>
    public bool MakeFor(LiveRequest arrival, TimeSpan now, (int Requests, long Tokens) unsettled = default)
    {
        bool fits = IsThereFor(arrival, unsettled) || Displaces(arrival, now, unsettled);
        if (fits && _isOrdered)
            Offer(arrival);
        return fits;
    }

    /// <summary>Whether <paramref name="arrival"/> fits beside all who wait but <paramref name="without"/>.</summary>
    public bool IsThereFor(LiveRequest arrival, (int Requests, long Tokens) without) =>
        queue.HasRoom(requests.Table.NeverAdmitted - without.Requests, requests.Table.NeverAdmittedTokens - without.Tokens, arrival.Request.PromptTokens);

    /// <summary>Ends a drain: who waits may change until the next.</summary>
    public void Forget()
    {
        if (!_isOrdered)
            return;
        _leastUrgentFirst.Clear();
        _isOrdered = false;
    }

    private bool Displaces(LiveRequest arrival, TimeSpan now, (int Requests, long Tokens) unsettled)
    {
        Order();
        _leaving.Clear();
        long tokens = 0;
        bool fits = false;
        while (!fits && _leastUrgentFirst.TryPeek(out LiveRequest? last, out _) && (last.Index < 0 || last.Request.Priority > arrival.Request.Priority))
        {
            _leastUrgentFirst.Dequeue();
            if (last.Index < 0)
                continue;
            _leaving.Add(last);
            tokens += last.Request.PromptTokens;
            fits = IsThereFor(arrival, (unsettled.Requests + _leaving.Count, unsettled.Tokens + tokens));
        }

        foreach (LiveRequest leaving in _leaving)
        {
            if (fits)
                requests.End(leaving, RequestOutcome.Displaced, FinishReason.None, now);
            else
                Offer(leaving);
        }

        _leaving.Clear();
        return fits;
    }

    private void Order()
    {
        if (_isOrdered)
            return;
        _isOrdered = true;
        foreach (LiveRequest waiting in requests.Table.Live)
        {
            if (!waiting.EverAdmitted && waiting.Lease is not { IsQueued: false })
                Offer(waiting);
        }
    }

    private void Offer(LiveRequest request) => _leastUrgentFirst.Enqueue(request, (request.Request.Priority, request.ArrivedAt, request.Id.Sequence));
}
