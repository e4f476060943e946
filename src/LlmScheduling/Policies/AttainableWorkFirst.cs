namespace LlmScheduling;

/// <summary>
/// Orders by expected work over the chance that the promise is kept, the least first, and work counts e-fold for each <c>k</c>
/// of its own limit that a request has to spare. Requests that are promised nothing come behind, by work, and those that can no
/// longer keep their promise may only use capacity to spare, or are refused. Score: <c>E[work] / P(kept) x exp(E[slack if kept] / (k x limit))</c>.
/// </summary>
/// <remarks>
/// Expectations are over nine equally likely lengths around the predicted median; where that is certain the order is that of
/// <see cref="ApparentTardinessCost"/>. A prefill in progress is ordered by the prompt that is left of it, so that under
/// <see cref="PrefillOrder.ByKey"/> a short prompt overtakes a long or hopeless one. While no latency is known work is tokens
/// and seats take no time, so that a request is hopeless only once it is late; a length that is not known counts as nothing.
/// Made for the allocation of <see cref="SchedulingStacks.Slo"/>; under the strict planner it only orders.
/// </remarks>
public sealed class AttainableWorkFirst : ISchedulingPolicy
{
    private readonly double _k;

    /// <summary>Creates the policy.</summary>
    /// <param name="k">How much of its limit a request must have to spare for its work to count e-fold; above 0 and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is not above 0 and finite.</exception>
    public AttainableWorkFirst(double k = ApparentTardinessCost.DefaultK)
    {
        if (!(k > 0) || !double.IsFinite(k))
            throw new ArgumentOutOfRangeException(nameof(k), k, "k must be above 0 and finite.");
        _k = k;
    }

    /// <summary>Whether hopeless requests that were never admitted end as <see cref="RequestOutcome.Unattainable"/> at once, for the client to try elsewhere. Default: false.</summary>
    public bool RefusesHopeless { get; init; }

    /// <summary>Whether predicted medians are taken for certain, for comparison. Default: false.</summary>
    public bool IgnoresSpread { get; init; }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys) => Prioritize(snapshot, new SeatTime(snapshot, cutsPrefill: true), keys);

    internal void Prioritize(in SchedulingSnapshot snapshot, in SeatTime seat, Span<PriorityKey> keys)
    {
        var likely = new LikelyLengths();
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            bool isRunning = request.Phase == RequestPhase.Running;
            if (isRunning && request.GeneratedTokens > 0)
            {
                keys[i] = PriorityKey.KeepsSeat;
                continue;
            }

            PriorityKey key = KeyOf(snapshot, request, Outlook.Of(snapshot, seat, request, ref likely, IgnoresSpread));
            keys[i] = isRunning && !key.IsSpare ? key with { Band = PriorityKey.KeepsSeat.Band } : key;
        }
    }

    private PriorityKey KeyOf(in SchedulingSnapshot snapshot, in RequestView request, in Outlook outlook) =>
        outlook.IsHopeless ? (RefusesHopeless && request.Phase == RequestPhase.Waiting ? PriorityKey.Refuse : PriorityKey.Spare(outlook.Work))
        : outlook.IsPromisedNothing ? new(1, 0, outlook.Work)
        : new(0, 0, outlook.Work / outlook.Chance * Math.Exp(Math.Min(700, outlook.Slack / _k)));
}
