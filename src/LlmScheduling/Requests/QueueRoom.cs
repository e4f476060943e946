namespace LlmScheduling;

/// <summary>
/// Makes room in a full queue: the least urgent, latest of the waiting requests leave for an arrival that is strictly more
/// urgent than each of them, and nobody leaves when that would not be room enough. For the deciding thread.
/// </summary>
internal sealed class QueueRoom(LiveRequests requests, QueueBound queue)
{
    /// <summary>Whether <paramref name="arrival"/> fits, those who had to leave for it being displaced.</summary>
    /// <param name="arrival">The arrival.</param>
    /// <param name="now">The time.</param>
    /// <param name="unsettled">Arrivals that are in the table and do not count yet, with their prompts.</param>
    public bool MakeFor(LiveRequest arrival, TimeSpan now, (int Requests, long Tokens) unsettled = default)
    {
        if (IsThereFor(arrival, unsettled))
            return true;
        (int others, long othersTokens) = LessUrgentThan(arrival.Request.Priority);
        if (!IsThereFor(arrival, (unsettled.Requests + others, unsettled.Tokens + othersTokens)))
            return false;
        while (!IsThereFor(arrival, unsettled))
            requests.End(LeastUrgent(), RequestOutcome.Displaced, FinishReason.None, now);
        return true;
    }

    /// <summary>Whether <paramref name="arrival"/> fits beside all who wait but <paramref name="without"/>.</summary>
    public bool IsThereFor(LiveRequest arrival, (int Requests, long Tokens) without) =>
        queue.HasRoom(requests.Table.NeverAdmitted - without.Requests, requests.Table.NeverAdmittedTokens - without.Tokens, arrival.Request.PromptTokens);

    private static bool IsQueued(LiveRequest request) => !request.EverAdmitted && request.Lease is not { IsQueued: false };

    private (int Requests, long Tokens) LessUrgentThan(int priority)
    {
        int count = 0;
        long tokens = 0;
        foreach (LiveRequest waiting in requests.Table.Live)
        {
            if (!IsQueued(waiting) || waiting.Request.Priority <= priority)
                continue;
            count++;
            tokens += waiting.Request.PromptTokens;
        }

        return (count, tokens);
    }

    private LiveRequest LeastUrgent()
    {
        LiveRequest? last = null;
        foreach (LiveRequest waiting in requests.Table.Live)
        {
            if (IsQueued(waiting) && (last is null || Place(waiting).CompareTo(Place(last)) > 0))
                last = waiting;
        }

        return last!;
    }

    private static (int Priority, TimeSpan Arrival, long Id) Place(LiveRequest request) => (request.Request.Priority, request.ArrivedAt, request.Id.Sequence);
}
