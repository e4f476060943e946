namespace LlmScheduling;

/// <summary>
/// How many moves each chain makes until the host waits for them, and looks at time and cancellation. Where time bounds
/// the search, as many as those before say fit into a sixty-fourth of it, from one to ten milliseconds; elsewhere a number
/// by the problem's size, so that the result does not depend on a clock.
/// </summary>
internal sealed class LaunchPace(TimeProvider time)
{
    private const int FirstMoves = 8, LeastLaunches = 64;
    private const double MostGrowth = 4, ShortestSeconds = 1e-3, LongestSeconds = 10e-3;

    private double _goalSeconds, _moves;
    private long _began;
    private int _most;

    /// <summary>Begins a search.</summary>
    /// <param name="most">The most moves until a look.</param>
    /// <param name="secondsLeft">What is left of the time; infinite where time does not bound the search.</param>
    public void Begin(int most, double secondsLeft) =>
        (_most, _moves, _goalSeconds) = (most, 0, Math.Clamp(secondsLeft / LeastLaunches, ShortestSeconds, LongestSeconds));

    /// <summary>The moves until the next look, at least 1; those before are done.</summary>
    public int Next(double secondsLeft)
    {
        if (double.IsPositiveInfinity(secondsLeft))
            return _most;
        long now = time.GetTimestamp();
        double fits = Math.Max(0, Math.Min(_goalSeconds, secondsLeft)) / Math.Max(time.GetElapsedTime(_began, now).TotalSeconds, 1e-9);
        _moves = _moves == 0 ? Math.Min(FirstMoves, _most) : Math.Clamp(_moves * Math.Min(fits, MostGrowth), 1, _most);
        _began = now;
        return (int)_moves;
    }
}
