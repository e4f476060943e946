namespace LlmScheduling;

/// <summary>
/// Keeps those who wait for a seat within the queue's bounds. Arrivals are counted in one by one, in the order they came, after
/// each decision has given seats to whom it could: a bound limits waiting, not serving. The decider's.
/// </summary>
internal sealed class AdmissionQueue(LiveRequests requests, SchedulerFeedback feedback, QueueFullAction action)
{
    private readonly List<LiveRequest> _newcomers = [];
    private readonly QueueRoom _room = new(requests, requests.Queue);

    /// <summary>Newcomers that must have a seat now or never.</summary>
    public int Impatient { get; private set; }

    /// <summary>Whether the newest decision refused somebody for want of room.</summary>
    public bool RefusedAny { get; private set; }

    public void Arrived(LiveRequest live)
    {
        _newcomers.Add(live);
        Impatient += live.Lease!.MayWait ? 0 : 1;
    }

    /// <summary>After a decision: lets the newcomers that have no seat wait, displace or be refused.</summary>
    public void Settle(TimeSpan now)
    {
        RefusedAny = false;
        (int Requests, long Tokens) unsettled = default;
        foreach (LiveRequest live in _newcomers)
        {
            if (Waits(live))
                unsettled = (unsettled.Requests + 1, unsettled.Tokens + live.Request.PromptTokens);
        }

        foreach (LiveRequest live in _newcomers)
        {
            if (!Waits(live))
                continue;
            if (live.Lease!.MayWait && (action == QueueFullAction.Displace ? _room.MakeFor(live, now, unsettled) : _room.IsThereFor(live, unsettled)))
                live.Lease.IsQueued = true;
            else
                Refuse(live);
            unsettled = (unsettled.Requests - 1, unsettled.Tokens - live.Request.PromptTokens);
        }

        _room.Forget();
        _newcomers.Clear();
        Impatient = 0;
    }

    private static bool Waits(LiveRequest live) => live.Index >= 0 && !live.EverAdmitted;

    /// <summary>Refuses an arrival; one whose caller has just gone away is ended by that message, which is on its way.</summary>
    private void Refuse(LiveRequest live)
    {
        if (!live.Lease!.TryRefuse())
            return;
        RefusedAny = true;
        requests.Drop(live);
        live.Lease.HandOutRefusal(RequestOutcome.QueueFull);
        feedback.Refused(live, RequestOutcome.QueueFull);
        live.Ticket.TryEnd(RequestOutcome.QueueFull);
    }
}
