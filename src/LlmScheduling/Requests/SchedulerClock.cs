namespace LlmScheduling;

/// <summary>Time since the scheduler's start. Any thread.</summary>
internal sealed class SchedulerClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Now => time.GetElapsedTime(_start);
}
