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
        Overdue[] pooled = ArrayPool<Overdue>.Shared.Rent(keys.Length);
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            if (request.Phase != RequestPhase.Running && !keys[i].IsHeld && IsOverdue(request, snapshot.Now))
                pooled[count++] = new(request.ArrivedAt.Ticks, request.Id.Sequence, i);
        }

        if (count > 0)
        {
            Span<Overdue> overdue = pooled.AsSpan(0, count);
            overdue.Sort();
            Interleave(snapshot, keys, overdue);
        }

        ArrayPool<Overdue>.Shared.Return(pooled);
    }

    private bool IsOverdue(in RequestView request, TimeSpan now) =>
        (double)now.Ticks - request.ArrivedAt.Ticks > _maxWait.Ticks;

    /// <summary>Gives everybody who waits and is not spare a tier of their own, in the order in which they are to be admitted.</summary>
    private static void Interleave(in SchedulingSnapshot snapshot, Span<PriorityKey> keys, ReadOnlySpan<Overdue> overdue)
    {
        Candidate[] pooledOrder = ArrayPool<Candidate>.Shared.Rent(keys.Length);
        int[] pooledTurns = ArrayPool<int>.Shared.Rent(keys.Length);
        bool[] pooledTaken = ArrayPool<bool>.Shared.Rent(keys.Length);
        Span<bool> taken = pooledTaken.AsSpan(0, keys.Length);
        taken.Clear();

        int ordinary = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            if (snapshot.Requests[i].Phase != RequestPhase.Running && !keys[i].IsHeld && !keys[i].IsSpare)
                pooledOrder[ordinary++] = new(keys[i], snapshot.Requests[i].Id.Sequence, i);
        }

        ReadOnlySpan<Candidate> order = pooledOrder.AsSpan(0, ordinary);
        pooledOrder.AsSpan(0, ordinary).Sort();
        int turns = 0, fixedTurns = 0;
        for (int next = 0, oldest = 0; oldest < overdue.Length || next < order.Length;)
        {
            bool isOverdueTurn = next == order.Length || (oldest < overdue.Length && ((snapshot.Admissions + turns) & 1) == 1);
            int index = isOverdueTurn ? overdue[oldest++].Index : order[next++].Index;
            if (taken[index])
                continue;
            taken[index] = true;
            if (isOverdueTurn || keys[index].Tier < 0 || oldest < overdue.Length)
                fixedTurns = turns + 1;
            pooledTurns[turns++] = index;
        }

        for (int turn = 0; turn < turns; turn++)
            keys[pooledTurns[turn]] = keys[pooledTurns[turn]] with { Tier = turn - fixedTurns };

        ArrayPool<bool>.Shared.Return(pooledTaken);
        ArrayPool<int>.Shared.Return(pooledTurns);
        ArrayPool<Candidate>.Shared.Return(pooledOrder);
    }

    private readonly record struct Overdue(long ArrivedAt, long Id, int Index) : IComparable<Overdue>
    {
        public int CompareTo(Overdue other)
        {
            int order = ArrivedAt.CompareTo(other.ArrivedAt);
            return order != 0 ? order : Id.CompareTo(other.Id);
        }
    }
}
