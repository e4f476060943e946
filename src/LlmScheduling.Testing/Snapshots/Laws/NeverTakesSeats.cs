namespace LlmScheduling.Testing;

internal sealed class NeverTakesSeats() : SnapshotLaw("NeverTakesSeats", "No waiting request takes a running one's seat.")
{
    public override bool Concerns(PolicyPromises promises) => promises.NeverTakesSeats;

    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        Decision decision = DecisionOf(snapshot, policy);
        return decision.TakesSeats ? $"Seats are taken: {decision}." : null;
    }
}
