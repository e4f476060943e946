using System.Buffers;

namespace LlmScheduling;

/// <summary>
/// Orders by <see cref="ApparentTardinessCost"/>, but requests that the newest plan of the queue names go in its order. A request that came
/// after the plan goes before the first planned one whose score is larger. Score at place p of the plan:
/// <c>largest of work x exp(slack / (k x limit)) over places 0 to p</c>.
/// </summary>
/// <remarks>
/// Plans come from an <see cref="IQueueAnnealer"/> beside the loop; without one, and for requests that are promised nothing or have become
/// hopeless since, the order is that of the rule. Sorts what is planned.
/// </remarks>
public sealed class AnnealedSlo : ISchedulingPolicy
{
    private readonly ApparentTardinessCost _rule;

    /// <summary>Creates the policy.</summary>
    /// <param name="k">That of the rule; above 0 and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is not above 0 and finite.</exception>
    public AnnealedSlo(double k = ApparentTardinessCost.DefaultK) => _rule = new ApparentTardinessCost(k);

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        _rule.Prioritize(snapshot, keys);
        Place[] pooled = ArrayPool<Place>.Shared.Rent(keys.Length);
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            if (request.PlannedPosition >= 0 && request.Phase != RequestPhase.Running && keys[i].Tier == 0)
                pooled[count++] = new(request.PlannedPosition, request.Id.Sequence, i);
        }

        Span<Place> places = pooled.AsSpan(0, count);
        places.Sort();
        double last = double.NegativeInfinity;
        foreach (ref readonly Place place in places)
        {
            ref PriorityKey key = ref keys[place.Index];
            last = Math.Max(key.Score, Math.BitIncrement(last));
            key = key with { Score = last };
        }

        ArrayPool<Place>.Shared.Return(pooled);
    }

    private readonly record struct Place(int Position, long Id, int Index) : IComparable<Place>
    {
        public int CompareTo(Place other)
        {
            int order = Position.CompareTo(other.Position);
            return order != 0 ? order : Id.CompareTo(other.Id);
        }
    }
}
