namespace LlmScheduling;

/// <summary>
/// Orders by the output limit, the largest first. Long answers start early, so that the last of a fixed set of requests
/// ends early; everybody else waits longer. Score: <c>-most output tokens</c>.
/// </summary>
public sealed class LongestOutputFirst : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, 0.0 - request.MaxOutputTokens);
        }
    }
}
