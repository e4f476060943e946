namespace LlmScheduling.Tests.Admission;

/// <summary>A manual clock whose timers fire in the execution context in which they were made, as the system's do.</summary>
internal sealed class ContextKeepingTimeProvider(ManualTimeProvider clock) : TimeProvider
{
    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ExecutionContext? context = ExecutionContext.Capture();
        return clock.CreateTimer(context is null ? callback : given => ExecutionContext.Run(context, inside => callback(inside), given), state, dueTime, period);
    }
}
