namespace LlmScheduling;

/// <summary>One timer for the earliest moment at which a decision is due by time alone. The decider's.</summary>
internal sealed class DecisionTimer(ITimer timer) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private TimeSpan _due = TimeSpan.MaxValue;

    /// <summary>Sets it to <paramref name="due"/>, rounded up to whole milliseconds and looked at again once a day; <see cref="TimeSpan.MaxValue"/> is never.</summary>
    public void Set(TimeSpan due, TimeSpan now)
    {
        if (due != TimeSpan.MaxValue && due - now > Longest)
            due = now + Longest;
        if (due == _due && due > now)
            return;
        _due = due;
        TimeSpan wait = due == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromMilliseconds((Math.Max(0, (due - now).Ticks) + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
        timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => timer.Dispose();
}
