namespace LlmScheduling.Testing;

internal sealed class BandsStay() : DecoratorLaw("BandsStay", "Bands stay as they are inside, so that nobody's chance of taking a seat changes.")
{
    public override string? ViolationIn(SnapshotCase snapshot, Func<ISchedulingPolicy, ISchedulingPolicy> decorate) =>
        InnerAndOuter.Of(snapshot, decorate, score => score).First(snapshot, (_, inner, outer) => !outer.IsHeld && inner.Band != outer.Band);
}
