namespace LlmScheduling;

/// <summary>
/// Orders by predicted output length, the shortest first. A request of unknown length stands at the median of the known ones
/// that wait, such requests among themselves in arrival order. Score: <c>predicted output tokens</c>, else
/// <c>median of predicted output tokens</c>.
/// </summary>
/// <remarks>
/// Right where decoding fills the steps; where prompts do, the prompt is most of the work: see <see cref="ShortestWorkFirst"/>.
/// Why unknown lengths stand at the median: see <see cref="ShortestRankedFirst"/>.
/// </remarks>
public sealed class ShortestPredictedFirst : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, request.Length.IsKnown ? request.Length.Median : double.NaN);
        }

        UnknownAtMedian.Place(keys);
    }
}
