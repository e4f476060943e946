namespace LlmScheduling.Benchmarks;

/// <summary>A time that passes only while the calling thread is on a processor: budgets are then kept whatever else the machine does. Linux.</summary>
internal sealed class ThreadTime : TimeProvider
{
    private readonly ThreadTimeClock _clock = new();

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => _clock.GetTimestamp();
}
