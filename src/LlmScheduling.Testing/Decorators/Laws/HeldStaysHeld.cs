namespace LlmScheduling.Testing;

internal sealed class HeldStaysHeld() : DecoratorLaw("HeldStaysHeld", "What the policy inside holds is held, and what it refuses is refused.")
{
    public override string? ViolationIn(SnapshotCase snapshot, Func<ISchedulingPolicy, ISchedulingPolicy> decorate) =>
        InnerAndOuter.Of(snapshot, decorate, score => score).First(snapshot, (_, inner, outer) => inner.IsHeld && (!outer.IsHeld || inner.IsRefused != outer.IsRefused));
}
