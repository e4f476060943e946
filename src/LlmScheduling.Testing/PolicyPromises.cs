namespace LlmScheduling.Testing;

/// <summary>
/// What a policy promises beyond what every policy must keep; each promise that is made is checked as a law. Sound policies
/// exist without each of them: one that defers hopeless requests breaks urgency, one that holds requests is not work-conserving.
/// </summary>
public sealed record PolicyPromises
{
    /// <summary>A smaller <see cref="RequestView.Priority"/> never moves a waiting request back.</summary>
    public bool MoreUrgentPriorityNeverHurts { get; init; }

    /// <summary>An earlier <see cref="RequestView.Deadline"/> never moves a waiting request back.</summary>
    public bool EarlierDeadlineNeverHurts { get; init; }

    /// <summary>An earlier arrival, all else equal, never moves a waiting request back.</summary>
    public bool EarlierArrivalNeverHurts { get; init; }

    /// <summary>No waiting request ever takes a running one's seat.</summary>
    public bool NeverTakesSeats { get; init; }

    /// <summary>Not a promise but a licence: held decodes lend their seat and keep their KV blocks, so that more requests are resident than there are seats.</summary>
    public bool LendsSeats { get; init; }

    /// <summary>The policy whose order it gives when nothing is ranked; null: no promise.</summary>
    public ISchedulingPolicy? OrderWhenNothingIsRanked { get; init; }

    /// <summary>The engine is never idle while a request waits.</summary>
    public bool IsWorkConserving { get; init; }

    /// <summary>Under saturation a more urgent <see cref="InferenceRequest.Priority"/> gets at least as large a share of the service.</summary>
    public bool ServiceIsMonotoneInPriority { get; init; }

    /// <summary>
    /// Most weighted tokens (1 for each of the prompt, 2 for each of the answer) by which the service of two tenants may differ
    /// over a time in which both are backlogged; null: no promise. The runs have prompts of up to 40 tokens, answers of up to 12
    /// and up to 3 seats.
    /// </summary>
    public double? MaxServiceGap { get; init; }

    /// <summary>
    /// Most later arrivals that may be admitted before a request that has waited longer than <see cref="WaitBeforeBound"/>: so many
    /// for itself and for each older one that waited when it had; null: no promise.
    /// </summary>
    public int? MaxPassedAfterWait { get; init; }

    /// <summary>The wait beyond which <see cref="MaxPassedAfterWait"/> holds.</summary>
    public TimeSpan WaitBeforeBound { get; init; }
}
