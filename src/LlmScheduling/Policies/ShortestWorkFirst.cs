namespace LlmScheduling;

/// <summary>
/// Orders by expected work in server-seconds (prefill, decode and the share of the steps' fixed cost), the least first.
/// While no latency is known it counts tokens, and an output of unknown length counts nothing. Score:
/// <c>work(prompt tokens, predicted output tokens)</c>.
/// </summary>
public sealed class ShortestWorkFirst : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running
                ? PriorityKey.KeepsSeat
                : new(0, snapshot.WorkSeconds(request));
        }
    }
}
