namespace LlmScheduling;

/// <summary>
/// Orders by arrival, moved ahead by a boost that is large for little expected work and vanishes for much. One knob, gamma, lies
/// between shortest work first (0) and first come, first served (infinity). Score:
/// <c>(arrival - now) - 1/gamma x ln(1 / (1 - exp(-gamma x work)))</c>.
/// </summary>
/// <remarks>
/// The boost never runs out of order for long: a request is passed only by arrivals within its competitor's boost. Gamma is per
/// second and fits one load; where load moves, <see cref="BacklogBoost"/> lets the scale follow the backlog. Work is in
/// server-seconds and at least one tick; while no latency is known, wait and work are both counted in tokens that the server
/// processed, and gamma per token. An output of unknown length counts nothing.
/// </remarks>
public sealed class SoftBoost : ISchedulingPolicy
{
    /// <summary>The knob unless another is given, per second.</summary>
    public const double DefaultGamma = 0.025;

    private readonly double _gamma;

    /// <summary>Sets the knob.</summary>
    /// <param name="gamma">Per second of work; 0 is shortest work first, infinity first come, first served.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="gamma"/> is negative or NaN.</exception>
    public SoftBoost(double gamma = DefaultGamma)
    {
        if (!(gamma >= 0))
            throw new ArgumentOutOfRangeException(nameof(gamma), gamma, "Gamma must be 0 or more.");
        _gamma = gamma;
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, Score(snapshot, request));
        }
    }

    private double Score(in SchedulingSnapshot snapshot, in RequestView request)
    {
        double work = QueueTime.Work(snapshot, request);
        if (_gamma == 0)
            return work;
        if (double.IsPositiveInfinity(_gamma))
            return -QueueTime.Wait(snapshot, request);
        double scaled = _gamma * work, rest = scaled < 1e-5 ? scaled - scaled * scaled / 2 : 1 - Math.Exp(-scaled);
        return Math.Log(rest) / _gamma - QueueTime.Wait(snapshot, request);
    }
}
