namespace LlmScheduling;

/// <summary>
/// Orders by prompt length, the shortest first. It needs no prediction, and on servers whose steps are filled by prefill it
/// is close to ordering by work. Score: <c>prompt tokens</c>.
/// </summary>
public sealed class ShortestPromptFirst : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, request.PromptTokens);
        }
    }
}
