using LlmScheduling;

namespace WriteAPolicy;

/// <summary>Tenants within their allowance go before those beyond it; on either side the least expected work goes first.</summary>
public sealed class PayingTenantsFirst(double allowance) : ISchedulingPolicy
{
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            bool isBeyond = snapshot.Tenants[request.TenantIndex].ServedCost > allowance;
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new PriorityKey(band: isBeyond ? 1 : 0, score: snapshot.WorkSeconds(request));
        }
    }
}
