/// <summary>A clock on the wall, so many times as fast: an hour of it passes in an hour / speed.</summary>
/// <param name="speed">Above 0.</param>
/// <param name="wall">The clock on the wall; null: the system's.</param>
internal sealed class ScaledTime(double speed, TimeProvider? wall = null) : TimeProvider
{
    private static readonly TimeSpan ShortestTimer = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _wall = wall ?? System;
    private readonly long _start = (wall ?? System).GetTimestamp();
    private readonly DateTimeOffset _startedAt = (wall ?? System).GetUtcNow();

    public double Speed => speed;

    public override long TimestampFrequency => _wall.TimestampFrequency;

    /// <summary>How long a time of a clock, scaled or not, is on the wall: what clients wait by.</summary>
    public static TimeSpan OnTheWall(TimeProvider clock, TimeSpan time) => clock is ScaledTime scaled && time != TimeSpan.MaxValue ? time / scaled.Speed : time;

    public override long GetTimestamp() => (long)((_wall.GetTimestamp() - _start) * speed);

    public override DateTimeOffset GetUtcNow() => _startedAt + GetElapsedTime(0);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ScaledTimer(_wall.CreateTimer(callback, state, Scaled(dueTime), Scaled(period)), this);

    /// <summary>How long it is on a wall clock. The system's timers know no less than a millisecond.</summary>
    private TimeSpan Scaled(TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
            return time;
        TimeSpan real = time / speed;
        return real < ShortestTimer ? ShortestTimer : real;
    }

    private sealed class ScaledTimer(ITimer timer, ScaledTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Scaled(dueTime), time.Scaled(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
