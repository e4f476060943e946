namespace LlmScheduling;

/// <summary>
/// Measures admissions per second while requests wait, forgetting by half every ten seconds or every eight admissions, whichever
/// takes longer. One writer, any reader.
/// </summary>
/// <remarks>Only an admission makes it forget: where answers take minutes, what was measured must outlast the time between two.</remarks>
internal sealed class ServiceRate
{
    private const double HalfLifeSeconds = 10;
    private const double HalfLifeAdmissions = 8;

    // After a standstill the new rate shows within as many times eight admissions, and no faster later on.
    private const double MaxHalvingsDue = 8;

    private double _admissions;
    private double _seconds;
    private double _halvingsDue;
    private TimeSpan _last;
    private bool _wasBacklogged;
    private double _rate;

    /// <summary>Admissions per second; 0 while nothing has been measured.</summary>
    public double PerSecond => Volatile.Read(ref _rate);

    public void Observe(TimeSpan now, long admitted, bool isBacklogged)
    {
        if (_wasBacklogged)
        {
            double elapsed = (now - _last).TotalSeconds;
            _halvingsDue = Math.Min(MaxHalvingsDue, _halvingsDue + elapsed / HalfLifeSeconds);
            double halvings = Math.Min(_halvingsDue, admitted / HalfLifeAdmissions), kept = Math.Pow(0.5, halvings);
            _halvingsDue -= halvings;
            _admissions = _admissions * kept + admitted;
            _seconds = _seconds * kept + elapsed;
            if (_seconds > 0 && _admissions > 0)
                Volatile.Write(ref _rate, _admissions / _seconds);
        }

        (_last, _wasBacklogged) = (now, isBacklogged);
    }

    /// <summary>How long it takes until <paramref name="ahead"/> requests and one more are admitted.</summary>
    public TimeSpan WaitBehind(int ahead)
    {
        double rate = PerSecond, ticks = (ahead + 1.0) / rate * TimeSpan.TicksPerSecond;
        return rate > 0 && ticks < long.MaxValue ? new TimeSpan((long)ticks) : TimeSpan.MaxValue;
    }
}
