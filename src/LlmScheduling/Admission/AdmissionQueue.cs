namespace LlmScheduling;

/// <summary>
/// Keeps those who wait for a seat within the queue's bounds. Arrivals are counted in one by one, in the order they came, after
/// each decision has given seats to whom it could: a bound limits waiting, not serving. The decider's.
/// </summary>
internal sealed class AdmissionQueue(LiveRequests requests, SchedulerFeedback feedback, QueueFullAction action)
{
    private readonly List<LiveRequest> _newcomers = [];
    private readonly List<LiveRequest> _lessUrgent = [];
    private int _unsettled;
    private long _unsettledTokens;

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
        (_unsettled, _unsettledTokens) = (0, 0);
        foreach (LiveRequest live in _newcomers)
        {
            if (!Waits(live))
                continue;
            _unsettled++;
            _unsettledTokens += live.Request.PromptTokens;
        }

        foreach (LiveRequest live in _newcomers)
        {
            if (!Waits(live))
                continue;
            if (live.Lease!.MayWait && (HasRoom(live, 0, 0) || Displaces(live, now)))
                live.Lease.IsQueued = true;
            else
                Refuse(live);
            _unsettled--;
            _unsettledTokens -= live.Request.PromptTokens;
        }

        _newcomers.Clear();
        Impatient = 0;
    }

    private static bool Waits(LiveRequest live) => live.Index >= 0 && !live.EverAdmitted;

    /// <summary>Whether it fits beside those already queued, once so many requests and tokens of them have gone.</summary>
    private bool HasRoom(LiveRequest live, int gone, long goneTokens) =>
        requests.Queue.HasRoom(requests.Table.NeverAdmitted - _unsettled - gone, requests.Table.NeverAdmittedTokens - _unsettledTokens - goneTokens, live.Request.PromptTokens);

    /// <summary>Displaces the least urgent, latest queued requests until the arrival fits; nobody when that would not do.</summary>
    private bool Displaces(LiveRequest live, TimeSpan now)
    {
        if (action != QueueFullAction.Displace)
            return false;
        _lessUrgent.Clear();
        foreach (LiveRequest waiting in requests.Table.Live)
        {
            if (Waits(waiting) && waiting.Lease!.IsQueued && waiting.Request.Priority > live.Request.Priority)
                _lessUrgent.Add(waiting);
        }

        _lessUrgent.Sort(static (one, other) =>
            (other.Request.Priority, other.ArrivedAt, other.Id.Sequence).CompareTo((one.Request.Priority, one.ArrivedAt, one.Id.Sequence)));
        int gone = 0;
        long goneTokens = 0;
        while (!HasRoom(live, gone, goneTokens))
        {
            if (gone == _lessUrgent.Count)
                return false;
            goneTokens += _lessUrgent[gone++].Request.PromptTokens;
        }

        for (int i = 0; i < gone; i++)
            requests.End(_lessUrgent[i], RequestOutcome.Displaced, FinishReason.None, now);
        return true;
    }

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
