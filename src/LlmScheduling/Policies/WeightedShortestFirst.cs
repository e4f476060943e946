namespace LlmScheduling;

/// <summary>
/// Orders by prompt length in relation to weight, the smallest first; a negative priority value is extra weight. It is
/// Smith's rule: on one seat it minimises the weighted sum of completion times. Score:
/// <c>-(1 + max(0, -priority)) / prompt tokens</c>.
/// </summary>
public sealed class WeightedShortestFirst : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, 0.0 - (1 + Math.Max(0.0, -(double)request.Priority)) / Math.Max(1, request.PromptTokens));
        }
    }
}
