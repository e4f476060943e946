using System.Buffers;

namespace LlmScheduling;

/// <summary>
/// A request that has waited longer than the bound is overdue: every second admission goes to the oldest overdue request.
/// The other admissions, and all of them while nobody is overdue, keep the inner order. Turn:
/// <c>admissions odd and (now - arrival) > bound ? oldest overdue : inner's first</c>.
/// </summary>
/// <remarks>
/// What it guarantees: a request that becomes overdue while k older ones wait is admitted at the latest with the 2(k + 1)-th
/// admission from then on, whatever arrives in the meantime and whatever the inner policy wants (requests that are held, or
/// come back after a preemption, aside). Overdue requests, and those that go before one of them, stand in tiers below 0, where
/// look-ahead passes nobody. Hold, Refuse, bands and running requests stay as they are. A waiting request takes a seat only
/// when those before it have theirs, so an overdue request at the head can keep an urgent one behind it from taking a seat.
/// Sorts what waits, in steps with an overdue request only.
/// </remarks>
public sealed class StarvationBound : ISchedulingPolicy
{
    private readonly ISchedulingPolicy _inner;
    private readonly TimeSpan _maxWait;

    /// <summary>Bounds the waits under <paramref name="inner"/>.</summary>
    /// <param name="inner">Decides all else.</param>
    /// <param name="maxWait">Wait from arrival beyond which a request is overdue; zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxWait"/> is negative.</exception>
    public StarvationBound(ISchedulingPolicy inner, TimeSpan maxWait)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxWait, TimeSpan.Zero);
        (_inner, _maxWait) = (inner, maxWait);
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        _inner.Prioritize(snapshot, keys);
        OldestFirst[] pooled = ArrayPool<OldestFirst>.Shared.Rent(keys.Length);
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            if (request.Phase != RequestPhase.Running && !keys[i].IsHeld && IsOverdue(request, snapshot.Now))
                pooled[count++] = new(request.ArrivedAt.Ticks, request.Id.Sequence, i);
        }

        if (count > 0)
            EverySecondTurn.ToTheOldest(pooled.AsSpan(0, count), snapshot, keys);
        ArrayPool<OldestFirst>.Shared.Return(pooled);
    }

    private bool IsOverdue(in RequestView request, TimeSpan now) =>
        (double)now.Ticks - request.ArrivedAt.Ticks > _maxWait.Ticks;
}
