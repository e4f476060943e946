namespace LlmScheduling.Tests;

/// <summary>A timer of <see cref="ManualTimeProvider"/>.</summary>
internal sealed class ManualTimer(ManualTimeProvider clock, Action fire) : ITimer
{
    private int _isDisposed;

    public long Due { get; set; }

    public TimeSpan Period { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (Volatile.Read(ref _isDisposed) != 0)
            return false;
        clock.Set(this, dueTime, period);
        return true;
    }

    public void Fire() => fire();

    public void Dispose()
    {
        Interlocked.Exchange(ref _isDisposed, 1);
        clock.Set(this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
