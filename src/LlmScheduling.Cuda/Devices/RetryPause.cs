namespace LlmScheduling;

/// <summary>How long a device that failed is left alone: a second, and twice as long after every failure that follows, up to a minute; not at all after it worked.</summary>
internal sealed class RetryPause(TimeProvider clock)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromMinutes(1);

    private TimeSpan _pause;
    private long _began;

    public bool IsOver => _pause == TimeSpan.Zero || clock.GetElapsedTime(_began) >= _pause;

    public void Failed()
    {
        _pause = _pause == TimeSpan.Zero ? First : _pause * 2 < Longest ? _pause * 2 : Longest;
        _began = clock.GetTimestamp();
    }

    public void Worked() => _pause = TimeSpan.Zero;
}
