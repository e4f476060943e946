namespace LlmScheduling.Simulation;

/// <summary>
/// Orders by arrival, as if each unit of priority had moved it by the head start. Urgency is worth a fixed time, so nobody
/// is passed by requests that arrive later than their priorities differ. Score: <c>arrival + priority x head start</c>.
/// </summary>
/// <remarks>For comparison only; the rule of NVIDIA Dynamo's key-value router (priority jump).</remarks>
/// <param name="headStart">Time that one unit of <see cref="RequestView.Priority"/> is worth; a lower priority value is more urgent.</param>
public sealed class HeadStart(TimeSpan headStart) : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, request.ArrivedAt.Ticks + (double)request.Priority * headStart.Ticks);
        }
    }
}
