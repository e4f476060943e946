namespace LlmScheduling;

/// <summary>
/// Orders by how much the server has done since a request arrived in relation to its prompt, the highest ratio first.
/// Short prompts go early, and a long one overtakes them once it has waited in proportion. Score:
/// <c>-(tokens processed since arrival) / prompt tokens</c>.
/// </summary>
/// <remarks>
/// Waiting is counted in tokens that the server processed and not in seconds, so the order does not depend on how fast the
/// server is. Highest response ratio next after Brinch Hansen ("Short-term scheduling in multiprogramming systems", 1971).
/// </remarks>
public sealed class HighestResponseRatioNext : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, 0.0 - ((double)snapshot.ProcessedTokens - request.ProcessedTokensAtArrival) / Math.Max(1, request.PromptTokens));
        }
    }
}
