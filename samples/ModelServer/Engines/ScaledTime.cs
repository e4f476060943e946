/// <summary>The system's clock, so many times as fast: an hour of it passes in an hour / speed.</summary>
internal sealed class ScaledTime(double speed) : TimeProvider
{
    private static readonly TimeSpan ShortestTimer = TimeSpan.FromMilliseconds(1);

    private readonly long _start = System.GetTimestamp();
    private readonly DateTimeOffset _startedAt = System.GetUtcNow();

    public double Speed => speed;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => (long)((System.GetTimestamp() - _start) * speed);

    public override DateTimeOffset GetUtcNow() => _startedAt + GetElapsedTime(0);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ScaledTimer(System.CreateTimer(callback, state, Scaled(dueTime), Scaled(period)), this);

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
