namespace LlmScheduling;

/// <summary>
/// Makes room in a full queue: the least urgent, latest of the waiting requests leave for an arrival that is strictly more
/// urgent than each of them, and nobody leaves when that would not be room enough. For the deciding thread.
/// </summary>
internal sealed class QueueRoom(LiveRequests requests, QueueBound queue)
{
    /// <summary>Whether <paramref name="arrival"/> fits, those who had to leave for it being displaced.</summary>
    public bool MakeFor(LiveRequest arrival, TimeSpan now)
    {
        int tokens = arrival.Request.PromptTokens;
        if (HasRoom(0, 0, tokens))
            return true;
        (int others, long othersTokens) = LessUrgentThan(arrival.Request.Priority);
        if (!HasRoom(others, othersTokens, tokens))
            return false;
        while (!HasRoom(0, 0, tokens))
            requests.End(LeastUrgent(), RequestOutcome.Displaced, FinishReason.None, now);
        return true;
    }

    private bool HasRoom(int without, long withoutTokens, int tokens) =>
        queue.HasRoom(requests.Table.NeverAdmitted - without, requests.Table.NeverAdmittedTokens - withoutTokens, tokens);

    private (int Requests, long Tokens) LessUrgentThan(int priority)
    {
        int count = 0;
        long tokens = 0;
        foreach (LiveRequest waiting in requests.Table.Live)
        {
            if (waiting.EverAdmitted || waiting.Request.Priority <= priority)
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
            if (!waiting.EverAdmitted && (last is null || Place(waiting).CompareTo(Place(last)) > 0))
                last = waiting;
        }

        return last!;
    }

    private static (int Priority, TimeSpan Arrival, long Id) Place(LiveRequest request) => (request.Request.Priority, request.ArrivedAt, request.Id.Sequence);
}
