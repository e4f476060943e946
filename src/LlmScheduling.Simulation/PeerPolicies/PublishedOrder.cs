namespace LlmScheduling.Simulation;

/// <summary>
/// Orders by place in the newest plan of the queue. Requests that came after the plan stand behind it, by arrival. Score:
/// <c>planned position</c>, else <c>arrival</c>.
/// </summary>
/// <remarks>For comparison only: how "SLO-Aware Scheduling for Large Language Model Inferences" (arXiv 2504.14966) admits what <see cref="PublishedQueueAnnealer"/> plans.</remarks>
public sealed class PublishedOrder : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat
                : request.PlannedPosition >= 0 ? new(0, 0, request.PlannedPosition)
                : new(1, 0, request.ArrivedAt.Ticks);
        }
    }
}
