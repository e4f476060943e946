namespace LlmScheduling.Cuda.Tests;

/// <summary>A clock on which a millisecond passes whenever somebody looks.</summary>
internal sealed class CountingClock : TimeProvider
{
    public long Milliseconds { get; set; }

    public override long TimestampFrequency => 1_000;

    public override long GetTimestamp() => ++Milliseconds;
}
