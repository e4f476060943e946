namespace LlmScheduling.Simulation;

/// <summary>
/// Orders by arrival, the latest first. It is what a server without a queue discipline drifts into, and the worst case for the
/// tail. Score: <c>-arrival</c>.
/// </summary>
/// <remarks>For comparison only. Requests of the same instant go in the order of their ids.</remarks>
public sealed class LastComeFirstServed : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, 0.0 - request.ArrivedAt.Ticks);
        }
    }
}
