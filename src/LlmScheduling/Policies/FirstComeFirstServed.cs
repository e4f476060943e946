namespace LlmScheduling;

/// <summary>Orders by arrival: the earliest goes first. Key: arrival time.</summary>
public sealed class FirstComeFirstServed : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, request.ArrivedAt.Ticks);
        }
    }
}
