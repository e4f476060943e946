namespace LlmScheduling;

/// <summary>
/// Orders by work, the least first, as long as it is urgent: work counts e-fold for each <c>k</c> of its own limit that a
/// request has to spare. Behind them come requests that are promised nothing and then those that can no longer keep their
/// promise, each by work. Score: <c>work x exp(slack / (k x limit))</c>.
/// </summary>
/// <remarks>
/// Limits are the time from arrival to the deadline, and to the next token where that is promised; the tighter one counts.
/// Slack is what is left of it after the time until then in a seat, beside the requests that run. While no latency is known
/// work is tokens and seats take no time, so that a request is hopeless only once it is late.
/// </remarks>
public sealed class ApparentTardinessCost : ISchedulingPolicy
{
    /// <summary>The <c>k</c> unless given.</summary>
    public const double DefaultK = 0.5;

    private readonly double _k;

    /// <summary>Creates the policy.</summary>
    /// <param name="k">How much of its limit a request must have to spare for its work to count e-fold; above 0 and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is not above 0 and finite.</exception>
    public ApparentTardinessCost(double k = DefaultK)
    {
        if (!(k > 0) || !double.IsFinite(k))
            throw new ArgumentOutOfRangeException(nameof(k), k, "k must be above 0 and finite.");
        _k = k;
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        var seat = new SeatTime(snapshot);
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : Key(snapshot, seat, request);
        }
    }

    private PriorityKey Key(in SchedulingSnapshot snapshot, in SeatTime seat, in RequestView request)
    {
        double work = snapshot.WorkSeconds(request), urgency = Slack(snapshot, seat, request);
        return double.IsPositiveInfinity(urgency) ? new(1, 0, work)
            : urgency < 0 ? new(2, 0, work)
            : new(0, 0, work * Math.Exp(Math.Min(700, urgency / _k)));
    }

    /// <summary>Share of its limit that a request has to spare, the smaller of first or next token and deadline; infinite when nothing is promised.</summary>
    private static double Slack(in SchedulingSnapshot snapshot, in SeatTime seat, in RequestView request)
    {
        double first = seat.FirstToken(Math.Max(0, request.TokensToCompute));
        double rest = request.Length.IsKnown ? Math.Max(0, Math.Min(request.Length.Median, request.MaxOutputTokens) - request.GeneratedTokens - 1) : 0;
        return Math.Min(
            Share(request.NextTokenDue, request.ArrivedAt, snapshot.Now, first),
            Share(request.Deadline, request.ArrivedAt, snapshot.Now, first + rest * seat.Token));
    }

    // In ticks, where differences of times are exact: the order does not depend on when the scheduler was started.
    private static double Share(TimeSpan due, TimeSpan arrived, TimeSpan now, double seconds) =>
        due == TimeSpan.MaxValue
            ? double.PositiveInfinity
            : ((double)due.Ticks - now.Ticks - seconds * TimeSpan.TicksPerSecond) / Math.Max(1.0, (double)due.Ticks - arrived.Ticks);
}
