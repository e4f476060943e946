namespace LlmScheduling;

/// <summary>
/// Orders by the ranker's score, the shortest expected answer first. An unranked request stands at the median of the ranked
/// ones that wait, unranked ones among themselves in arrival order. Score: <c>rank score</c>, else <c>median of rank scores</c>.
/// </summary>
/// <remarks>
/// The median and not an end: behind the ranked, requests without a prompt would starve for as long as ranked ones arrive; in
/// front of them, leaving the prompt out would buy the shortest wait. With nobody ranked it is first come, first served, so a
/// slow or failing ranker costs order and never latency. Scores are only compared, never added, so any scale will do.
/// Ranking prompts by expected length: "Efficient LLM Scheduling by Learning to Rank" (NeurIPS 2024), section 4.
/// </remarks>
public sealed class ShortestRankedFirst : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, request.RankScore);
        }

        UnknownAtMedian.Place(keys);
    }
}
