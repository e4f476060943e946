using System.Buffers;

namespace LlmScheduling;

/// <summary>
/// The tenant that has been served least goes first, served cost divided by weight; ties go by name. Inside a tenant the inner
/// order decides, and only there. Order: <c>served cost + sum over the tenant's requests before it of
/// (prompt tokens + 2 x predicted output tokens) / weight</c>.
/// </summary>
/// <remarks>
/// A virtual token counter: "Fairness in Serving Large Language Models" (OSDI 2024), section 4. Served cost, weights and the
/// lift of an idle tenant that comes back are in <see cref="SchedulingSnapshot.Tenants"/>. Since several requests may be admitted
/// in one step, each that is placed moves its tenant on by what it will cost; a preempted one by its output only, since
/// its prompt has been charged. What inner decorators promote is promoted inside its tenant: put a starvation bound outside
/// where it must hold across tenants. Hold, Refuse, bands, spare keys and running requests stay as they are, spare ones last
/// and fair among themselves. Sorts what waits.
/// </remarks>
/// <param name="inner">Decides inside a tenant.</param>
public sealed class TenantFairness(ISchedulingPolicy inner) : ISchedulingPolicy
{
    private const double OutputTokenCost = 2;

    private readonly ISchedulingPolicy _inner = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        _inner.Prioritize(snapshot, keys);
        if (snapshot.Tenants.IsEmpty)
            return;
        Turn[] pooled = ArrayPool<Turn>.Shared.Rent(keys.Length);
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            if (request.Phase != RequestPhase.Running && !keys[i].IsHeld)
                pooled[count++] = new(false, 0, snapshot.Tenants[request.TenantIndex].NameOrder, keys[i], request.Id.Sequence, i);
        }

        Span<Turn> turns = pooled.AsSpan(0, count);
        turns.Sort();
        Advance(snapshot, turns);
        turns.Sort();
        for (int rank = 0; rank < count; rank++)
        {
            ref PriorityKey key = ref keys[turns[rank].Index];
            key = !key.IsSpare ? key with { Tier = rank }
                : double.IsNaN(key.Score) ? key
                : PriorityKey.Spare(rank);
        }

        ArrayPool<Turn>.Shared.Return(pooled);
    }

    /// <summary>Costs before each request's turn. They never fall inside a tenant, so sorting by them merges the tenants.</summary>
    private static void Advance(in SchedulingSnapshot snapshot, Span<Turn> turns)
    {
        double cost = 0;
        for (int j = 0; j < turns.Length; j++)
        {
            ref readonly RequestView request = ref snapshot.Requests[turns[j].Index];
            ref readonly TenantUsage tenant = ref snapshot.Tenants[request.TenantIndex];
            if (j == 0 || turns[j].NameOrder != turns[j - 1].NameOrder)
                cost = tenant.ServedCost;
            turns[j] = turns[j] with { IsSpare = turns[j].Key.IsSpare, Cost = cost };
            cost += Cost(request) / tenant.Weight;
        }
    }

    private static double Cost(in RequestView request)
    {
        double output = request.Length.IsKnown ? Math.Max(0, Math.Min(request.Length.Median, int.MaxValue) - request.GeneratedTokens) : 0;
        return (request.Phase == RequestPhase.Waiting ? request.PromptTokens : 0) + OutputTokenCost * output;
    }

    private readonly record struct Turn(bool IsSpare, double Cost, int NameOrder, PriorityKey Key, long Id, int Index) : IComparable<Turn>
    {
        public int CompareTo(Turn other)
        {
            int order = IsSpare.CompareTo(other.IsSpare);
            if (order == 0)
                order = Cost.CompareTo(other.Cost);
            if (order == 0)
                order = NameOrder.CompareTo(other.NameOrder);
            if (order == 0)
                order = Key.CompareTo(other.Key);
            return order != 0 ? order : Id.CompareTo(other.Id);
        }
    }
}
