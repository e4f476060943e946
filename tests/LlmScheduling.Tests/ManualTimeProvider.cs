namespace LlmScheduling.Tests;

/// <summary>
/// A clock that moves only when a test says so. Timers that come due fire in due order on the thread that advances the
/// clock, each at its own due time, before <see cref="Advance"/> returns. Any thread.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers are set and have not fired.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_lock)
                return _timers.Count;
        }
    }

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long end = GetTimestamp() + by.Ticks;
        while (NextDue(end) is { } timer)
            timer.Fire();
        Volatile.Write(ref _now, end);
    }

    internal void Set(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
            timer.Period = period;
            if (dueTime == Timeout.InfiniteTimeSpan)
                return;
            timer.Due = _now + dueTime.Ticks;
            _timers.Add(timer);
        }
    }

    private ManualTimer? NextDue(long end)
    {
        lock (_lock)
        {
            ManualTimer? next = _timers.MinBy(timer => timer.Due);
            if (next is null || next.Due > end)
                return null;
            Volatile.Write(ref _now, Math.Max(_now, next.Due));
            if (next.Period > TimeSpan.Zero)
                next.Due += next.Period.Ticks;
            else
                _timers.Remove(next);
            return next;
        }
    }
}
