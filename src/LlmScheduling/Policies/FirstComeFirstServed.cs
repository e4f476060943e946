namespace LlmScheduling;

/// <summary>
/// Orders by arrival, the earliest first. It is the order of every step whose policy failed, and what the other policies
/// are measured against. Score: <c>arrival</c>.
/// </summary>
public sealed class FirstComeFirstServed : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, request.ArrivedAt.Ticks);
        }
    }
}
