namespace LlmScheduling.Simulation;

/// <summary>
/// Orders by slack, the least first, among requests that can still keep their promise. Those that cannot are refused while
/// others wait, or come last and by work; requests that are promised nothing come before them, by work. Score:
/// <c>time until due - predicted time in a seat until then</c>.
/// </summary>
/// <remarks>
/// For comparison: the order and the refusal of SCORPIO's TTFT guard; its TPOT guard is a matter of
/// <see cref="TokenAllocation.DecodeShareOfTpot"/>. A hopeless request that waits alone is served, since refusing it would
/// help nobody. While no latency is known a request is hopeless only once it is late.
/// </remarks>
/// <param name="defersHopeless">Whether hopeless requests come last and are not refused.</param>
public sealed class LeastSlackOrRefuse(bool defersHopeless = false) : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        var spare = new Spare(snapshot);
        int waiting = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : Key(snapshot, request, spare.Of(request));
            waiting += request.Phase == RequestPhase.Running ? 0 : 1;
        }

        if (defersHopeless || waiting < 2)
            return;
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i].Tier == 2 && snapshot.Requests[i].Phase == RequestPhase.Waiting)
                keys[i] = PriorityKey.Refuse;
        }
    }

    private static PriorityKey Key(in SchedulingSnapshot snapshot, in RequestView request, double slack) =>
        double.IsPositiveInfinity(slack) ? new(1, 0, snapshot.WorkSeconds(request))
        : slack < 0 ? new(2, 0, snapshot.WorkSeconds(request))
        : new(0, 0, slack);
}
