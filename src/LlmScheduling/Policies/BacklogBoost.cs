namespace LlmScheduling;

/// <summary>
/// Orders by arrival, moved by the logarithm of the expected work in units of the queue's drain time: half the work is worth the
/// same head start to everybody. With a short queue it is first come, first served, and the longer the queue, the more it is
/// shortest work first. Score: <c>(arrival - now) + factor x sum of the waiting requests' work x ln(work)</c>.
/// </summary>
/// <remarks>
/// A request is passed by later arrivals only for so long: by one with an n-th of its work for <c>factor x drain x ln n</c>
/// after it arrived, in terms of the backlog at that time. The bound grows with the backlog, as that of
/// <see cref="BacklogGuard"/>; this one needs no sort and no parity, but orders by work only. Work is in server-seconds and at
/// least one tick; while no latency is known, wait and work are both counted in tokens that the server processed. An output of
/// unknown length counts nothing. It is <see cref="SoftBoost"/> with a scale that follows the backlog, where work is small beside it.
/// </remarks>
public sealed class BacklogBoost : ISchedulingPolicy
{
    /// <summary>The factor unless another is given.</summary>
    public const double DefaultFactor = 1;

    private readonly double _factor;

    /// <summary>Sets the factor.</summary>
    /// <param name="factor">Head start for an e-th of the work, in multiples of the queue's drain time; finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> is out of range.</exception>
    public BacklogBoost(double factor = DefaultFactor)
    {
        if (factor is not (>= 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor must be finite and 0 or more.");
        _factor = factor;
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        double scale = Math.Min(double.MaxValue, _factor * QueueTime.Drain(snapshot));
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, scale * Math.Log(QueueTime.Work(snapshot, request)) - QueueTime.Wait(snapshot, request));
        }
    }
}
