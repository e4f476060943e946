namespace LlmScheduling.Testing;

internal sealed class UnrankedOrder() : SnapshotLaw("UnrankedFallsBack", "When nothing is ranked, the order is the promised one.")
{
    public override bool Concerns(PolicyPromises promises) => promises.OrderWhenNothingIsRanked is not null;

    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        SnapshotCase unranked = snapshot with { Requests = [.. snapshot.Requests.Select(request => request with { RankScore = float.NaN })] };
        IReadOnlyList<long> promised = DecisionOf(unranked, promises.OrderWhenNothingIsRanked!).Order, given = DecisionOf(unranked, policy).Order;
        return promised.SequenceEqual(given) ? null : $"With nothing ranked the order is [{string.Join(", ", given)}], not [{string.Join(", ", promised)}].";
    }
}
