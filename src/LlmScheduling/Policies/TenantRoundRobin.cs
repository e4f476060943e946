using System.Buffers;

namespace LlmScheduling;

/// <summary>
/// Tenants take turns in the order of their names, beginning after the tenant that was admitted last. Inside a tenant the
/// earliest arrival goes first. Score: <c>turn x tenants + (name order - last - 1) mod tenants</c>.
/// </summary>
/// <remarks>
/// A turn is a request, however long: shares are equal in requests, not in tokens (see <see cref="TenantFairness"/>). The order
/// covers all admissions of a step. Sorts what waits.
/// </remarks>
public sealed class TenantRoundRobin : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        int tenants = Math.Max(1, snapshot.Tenants.Length), last = LastAdmitted(snapshot.Tenants), waiting = 0;
        (int NameOrder, long ArrivedAt, long Id, int Index)[] pooled = ArrayPool<(int, long, long, int)>.Shared.Rent(keys.Length);
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            if (request.Phase == RequestPhase.Running)
                keys[i] = PriorityKey.KeepsSeat;
            else
                pooled[waiting++] = (NameOrder(snapshot.Tenants, request), request.ArrivedAt.Ticks, request.Id.Sequence, i);
        }

        Span<(int NameOrder, long ArrivedAt, long Id, int Index)> order = pooled.AsSpan(0, waiting);
        order.Sort();
        long turn = 0;
        for (int j = 0; j < waiting; j++)
        {
            turn = j > 0 && order[j].NameOrder == order[j - 1].NameOrder ? turn + 1 : 0;
            int afterLast = (order[j].NameOrder - last - 1 + tenants) % tenants;
            keys[order[j].Index] = new(0, turn * tenants + afterLast);
        }

        ArrayPool<(int, long, long, int)>.Shared.Return(pooled);
    }

    /// <summary>Name order of the tenant admitted last; -1 when none was.</summary>
    private static int LastAdmitted(ReadOnlySpan<TenantUsage> tenants)
    {
        int last = -1;
        long latest = 0;
        foreach (ref readonly TenantUsage tenant in tenants)
        {
            if (tenant.LastAdmission > latest)
                (latest, last) = (tenant.LastAdmission, tenant.NameOrder);
        }

        return last;
    }

    private static int NameOrder(ReadOnlySpan<TenantUsage> tenants, in RequestView request) =>
        tenants.IsEmpty ? 0 : tenants[request.TenantIndex].NameOrder;
}
