namespace LlmScheduling.Simulation;

/// <summary>Time that requests have to spare before a promise to them breaks, as the comparison policies see it.</summary>
internal readonly struct Spare
{
    private readonly SeatTime _seat;
    private readonly TimeSpan _now;

    public Spare(in SchedulingSnapshot snapshot) => (_seat, _now) = (new SeatTime(snapshot), snapshot.Now);

    /// <summary>
    /// Ticks by which <paramref name="request"/> may start later than now, for its next token and its deadline, whichever is
    /// sooner; negative when it is too late, infinite when nothing is promised.
    /// </summary>
    public double Of(in RequestView request)
    {
        double first = _seat.FirstToken(Math.Max(0, request.TokensToCompute));
        double rest = request.Length.IsKnown ? Math.Max(0, Math.Min(request.Length.Median, request.MaxOutputTokens) - request.GeneratedTokens - 1) : 0;
        return Math.Min(Left(request.NextTokenDue, first), Left(request.Deadline, first + rest * _seat.Token));
    }

    // In ticks, where differences of times are exact: the order does not depend on when the scheduler was started.
    private double Left(TimeSpan due, double seconds) =>
        due == TimeSpan.MaxValue ? double.PositiveInfinity : (double)due.Ticks - _now.Ticks - seconds * TimeSpan.TicksPerSecond;
}
