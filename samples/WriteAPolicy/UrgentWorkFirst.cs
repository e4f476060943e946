using LlmScheduling;

namespace WriteAPolicy;

/// <summary>Least expected work first; each unit of urgency halves the work that counts.</summary>
public sealed class UrgentWorkFirst : ISchedulingPolicy
{
    private const int MostUnits = 60;

    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new PriorityKey(band: 0, score: Math.ScaleB(snapshot.WorkSeconds(request), Math.Clamp(request.Priority, -MostUnits, MostUnits)));
        }
    }
}
