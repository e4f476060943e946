using System.Buffers;

namespace LlmScheduling;

/// <summary>
/// Orders by the first policy; requests that it holds equal are told apart by the second. The first's tier and band stay, and
/// what either of them holds back is held back. Score: <c>dense rank of (first's key, second's key)</c>.
/// </summary>
/// <remarks>
/// Compose before decorating: a decorator that re-emits the order leaves no equal keys to tell apart. A score of NaN from
/// either policy stays NaN. Sorts everything that is not held.
/// </remarks>
/// <param name="first">Decides.</param>
/// <param name="second">Decides between equal keys of the first.</param>
public sealed class FirstThen(ISchedulingPolicy first, ISchedulingPolicy second) : ISchedulingPolicy
{
    private readonly ISchedulingPolicy _first = first ?? throw new ArgumentNullException(nameof(first));
    private readonly ISchedulingPolicy _second = second ?? throw new ArgumentNullException(nameof(second));

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        _first.Prioritize(snapshot, keys);
        PriorityKey[] pooledSecond = ArrayPool<PriorityKey>.Shared.Rent(keys.Length);
        Pair[] pooledPairs = ArrayPool<Pair>.Shared.Rent(keys.Length);
        Span<PriorityKey> second = pooledSecond.AsSpan(0, keys.Length);
        _second.Prioritize(snapshot, second);

        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i].IsHeld)
                continue;
            if (second[i].IsHeld)
                keys[i] = second[i];
            else
                pooledPairs[count++] = new(keys[i], second[i], i);
        }

        Span<Pair> pairs = pooledPairs.AsSpan(0, count);
        pairs.Sort();
        double rank = 0;
        for (int j = 0; j < count; j++)
        {
            if (j > 0 && pairs[j].CompareTo(pairs[j - 1]) != 0)
                rank++;
            keys[pairs[j].Index] = pairs[j].First with { Score = pairs[j].HasNaN ? double.NaN : rank };
        }

        ArrayPool<Pair>.Shared.Return(pooledPairs);
        ArrayPool<PriorityKey>.Shared.Return(pooledSecond);
    }

    private readonly record struct Pair(PriorityKey First, PriorityKey Second, int Index) : IComparable<Pair>
    {
        public bool HasNaN => double.IsNaN(First.Score) || double.IsNaN(Second.Score);

        public int CompareTo(Pair other)
        {
            int order = First.CompareTo(other.First);
            return order != 0 ? order : Second.CompareTo(other.Second);
        }
    }
}
