namespace LlmScheduling.Cuda.Tests;

/// <summary>A clock that makes no timers.</summary>
internal sealed class FailingClock : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => throw new InvalidOperationException("clock");
}
