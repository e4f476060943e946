using LlmScheduling;

namespace WriteAPolicy;

/// <summary>A first draft, with a mistake: least expected work first, divided by urgency.</summary>
public sealed class UrgentWorkFirstDraft : ISchedulingPolicy
{
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new PriorityKey(band: 0, score: snapshot.WorkSeconds(request) / (2 + request.Priority));
        }
    }
}
