using System.Buffers;

namespace LlmScheduling;

/// <summary>Gives every second admission to the oldest of those that are overdue and leaves the others to the inner order.</summary>
internal static class EverySecondTurn
{
    /// <summary>Gives everybody who waits and is not spare, and the overdue, a tier of their own, in the order in which they are to be admitted.</summary>
    public static void ToTheOldest(Span<OldestFirst> overdue, in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        overdue.Sort();
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
}
