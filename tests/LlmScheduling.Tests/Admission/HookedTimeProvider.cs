namespace LlmScheduling.Tests.Admission;

/// <summary>A manual clock that does something after it was read for the n-th time, before the reader has its answer.</summary>
internal sealed class HookedTimeProvider(ManualTimeProvider clock) : TimeProvider
{
    private Action? _hook;
    private int _readings;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public void AfterReading(int number, Action hook) => (_readings, _hook) = (number, hook);

    public override long GetTimestamp()
    {
        long now = clock.GetTimestamp();
        if (Interlocked.Decrement(ref _readings) == 0)
            _hook!();
        return now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);
}
