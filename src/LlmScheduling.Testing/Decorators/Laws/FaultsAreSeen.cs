namespace LlmScheduling.Testing;

internal sealed class FaultsAreSeen() : DecoratorLaw("FaultsAreSeen", "Where the policy inside answers NaN, the decorated one answers NaN, so that the fault is seen.")
{
    public override string? ViolationIn(SnapshotCase snapshot, Func<ISchedulingPolicy, ISchedulingPolicy> decorate) =>
        InnerAndOuter.Of(snapshot, decorate, score => score == 2 ? double.NaN : score)
            .First(snapshot, (_, inner, outer) => double.IsNaN(inner.Score) && !double.IsNaN(outer.Score));
}
