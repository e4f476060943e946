namespace LlmScheduling;

/// <summary>Says when the queue is to be planned again: at most every 0.2 s, and only if it holds others than the last plan saw.</summary>
internal sealed class ReplanTrigger
{
    /// <summary>The shortest time from one plan's beginning to the next one's.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private TimeSpan _notBefore = TimeSpan.MinValue;
    private long _newest = -1;
    private int _waiting;

    /// <summary>Whether to plan now; then it is taken as planned.</summary>
    public bool IsDue(in SchedulingSnapshot snapshot)
    {
        if (snapshot.Now < _notBefore)
            return false;
        int waiting = 0;
        long newest = -1;
        foreach (ref readonly RequestView request in snapshot.Requests)
        {
            if (request.Phase == RequestPhase.Running)
                continue;
            waiting++;
            newest = Math.Max(newest, request.Id.Sequence);
        }

        if (waiting == 0 || (waiting == _waiting && newest == _newest))
            return false;
        (_waiting, _newest, _notBefore) = (waiting, newest, snapshot.Now + Interval);
        return true;
    }
}
