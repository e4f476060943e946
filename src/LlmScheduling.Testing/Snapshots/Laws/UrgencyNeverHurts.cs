namespace LlmScheduling.Testing;

/// <summary>One waiting request becomes more urgent in one respect; it must not move back.</summary>
internal sealed class UrgencyNeverHurts(string name, string statement, Func<PolicyPromises, bool> isPromised, Func<RequestView, SnapshotCase, RequestView> moreUrgent)
    : SnapshotLaw(name, statement)
{
    public static readonly UrgencyNeverHurts Priority = new(
        "MoreUrgentPriorityNeverHurts",
        "A waiting request with a smaller priority value never goes later than it would otherwise.",
        promises => promises.MoreUrgentPriorityNeverHurts,
        (request, _) => request with { Priority = request.Priority - 1 - Math.Abs(request.Priority) % 3 });

    public static readonly UrgencyNeverHurts Deadline = new(
        "EarlierDeadlineNeverHurts",
        "A waiting request with an earlier deadline never goes later than it would otherwise.",
        promises => promises.EarlierDeadlineNeverHurts,
        (request, snapshot) => request with
        {
            // Where the first token's due time stands in for a deadline, a deadline of its own may well be later.
            Deadline = request.Deadline != TimeSpan.MaxValue ? request.Deadline - TimeSpan.FromMilliseconds(1_700)
                : request.FirstTokenDue != TimeSpan.MaxValue ? request.FirstTokenDue
                : snapshot.Now + TimeSpan.FromMinutes(10),
        });

    public static readonly UrgencyNeverHurts Arrival = new(
        "EarlierArrivalNeverHurts",
        "A waiting request that arrived earlier, all else equal, never goes later than it would otherwise.",
        promises => promises.EarlierArrivalNeverHurts,
        (request, _) => request with { ArrivedAt = request.ArrivedAt - TimeSpan.FromMilliseconds(2_300), ProcessedTokensAtArrival = Math.Max(0, request.ProcessedTokensAtArrival - 500) });

    public override bool Concerns(PolicyPromises promises) => isPromised(promises);

    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        Decision before = DecisionOf(snapshot, policy);
        for (int i = 0; i < snapshot.Requests.Count; i++)
        {
            RequestView request = snapshot.Requests[i];
            if (request.Phase == RequestPhase.Running)
                continue;
            RequestView[] changed = [.. snapshot.Requests];
            changed[i] = moreUrgent(request, snapshot);
            Decision after = DecisionOf(snapshot with { Requests = changed }, policy);
            if (after.PlaceOf(request.Id.Sequence) > before.PlaceOf(request.Id.Sequence))
                return $"Request {request.Id.Sequence} moves back when it becomes more urgent: {before} became {after}.";
        }

        return null;
    }
}
