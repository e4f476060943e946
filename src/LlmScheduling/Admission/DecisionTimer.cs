namespace LlmScheduling;

/// <summary>One timer for the earliest moment at which a decision is due by time alone. The decider's, but for its callback.</summary>
internal sealed class DecisionTimer : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly ITimer _timer;
    private TimeSpan _due = TimeSpan.MaxValue;
    private volatile bool _hasFired;

    /// <param name="time">The clock.</param>
    /// <param name="decide">Has a decision made, which sets the timer anew.</param>
    public DecisionTimer(TimeProvider time, Action decide)
    {
        // A timer fires in the context of whoever made it, who may be the first of many callers.
        using AsyncFlowControl? alone = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(
            _ =>
            {
                _hasFired = true;
                decide();
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets it to <paramref name="due"/>, rounded up to whole milliseconds and looked at again once a day; <see cref="TimeSpan.MaxValue"/> is never.</summary>
    public void Set(TimeSpan due, TimeSpan now)
    {
        if (due != TimeSpan.MaxValue && due - now > Longest)
            due = now + Longest;
        // A timer of the system may fire some milliseconds before its time, and then has to be set again for the rest.
        if (due == _due && due > now && !_hasFired)
            return;
        (_due, _hasFired) = (due, false);
        TimeSpan wait = due == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromMilliseconds((Math.Max(0, (due - now).Ticks) + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}
