namespace LlmScheduling.Testing;

internal sealed class InnerScoresOnlyOrder() : DecoratorLaw("InnerScoresOnlyOrder", "Scores from inside are only compared: any map that keeps their order changes nothing.")
{
    public override string? ViolationIn(SnapshotCase snapshot, Func<ISchedulingPolicy, ISchedulingPolicy> decorate)
    {
        Decision plain = With(snapshot, decorate, score => score);
        return Different("stretched", plain, With(snapshot, decorate, score => 1e6 * score - 7e6))
            ?? Different("crowded", plain, With(snapshot, decorate, score => 1e-9 * score))
            ?? Different("bent", plain, With(snapshot, decorate, score => Math.Exp(3 * score)));
    }

    private static Decision With(SnapshotCase snapshot, Func<ISchedulingPolicy, ISchedulingPolicy> decorate, Func<double, double> score) =>
        Decision.Of(snapshot.Requests, InnerAndOuter.Of(snapshot, decorate, score).Outer);

    private static string? Different(string how, Decision before, Decision after) =>
        before.Equals(after) ? null : $"With the inner scores {how}, {before} became {after}.";
}
