using System.Buffers;

namespace LlmScheduling;

/// <summary>
/// A request that has waited longer than the queue takes to drain is overdue: every second admission goes to the oldest overdue
/// request. The other admissions, and all of them while nobody is overdue, keep the inner order. Turn:
/// <c>admissions odd and (now - arrival) > factor x sum of the waiting requests' work ? oldest overdue : inner's first</c>.
/// </summary>
/// <remarks>
/// A fixed bound on waits (<see cref="StarvationBound"/>) fits one load: above it everybody is overdue and half the order is that
/// of arrival. The drain time is what first come, first served would make the next arrival wait, so the guard grows with the
/// backlog and only touches those who wait longer than they would have there. What it guarantees: a request is overdue at the
/// latest, and until it is admitted, once it has waited for <c>factor</c> times the largest backlog that occurs from then on
/// (a bounded queue bounds it); from when it is overdue for good while k older ones wait, it is admitted at the latest with the
/// 2(k + 1)-th admission. Requests that are held, or come back after a preemption, are aside. While the backlog grows as fast as
/// time passes, as at twice the load that the server can bear, nobody need be overdue. Work is in server-seconds; while no
/// latency is known, wait and work are both counted in tokens that the server processed. An output of unknown length counts
/// nothing, so that the guard acts early rather than late. Tiers, Hold, Refuse, bands and running requests are treated as
/// <see cref="StarvationBound"/> does. Sorts what waits, in steps with an overdue request only.
/// </remarks>
public sealed class BacklogGuard : ISchedulingPolicy
{
    /// <summary>The factor unless another is given.</summary>
    public const double DefaultFactor = 1;

    private readonly ISchedulingPolicy _inner;
    private readonly double _factor;

    /// <summary>Guards the waits under <paramref name="inner"/>.</summary>
    /// <param name="inner">Decides all else.</param>
    /// <param name="factor">Wait in multiples of the queue's drain time beyond which a request is overdue; zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> is negative or NaN.</exception>
    public BacklogGuard(ISchedulingPolicy inner, double factor = DefaultFactor)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (!(factor >= 0))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor must be 0 or more.");
        (_inner, _factor) = (inner, factor);
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        _inner.Prioritize(snapshot, keys);
        double bound = _factor * QueueTime.Drain(snapshot);
        OldestFirst[] pooled = ArrayPool<OldestFirst>.Shared.Rent(keys.Length);
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            if (request.Phase != RequestPhase.Running && !keys[i].IsHeld && QueueTime.Wait(snapshot, request) > bound)
                pooled[count++] = new(request.ArrivedAt.Ticks, request.Id.Sequence, i);
        }

        if (count > 0)
            EverySecondTurn.ToTheOldest(pooled.AsSpan(0, count), snapshot, keys);
        ArrayPool<OldestFirst>.Shared.Return(pooled);
    }
}
