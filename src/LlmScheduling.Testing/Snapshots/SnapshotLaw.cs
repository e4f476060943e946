namespace LlmScheduling.Testing;

/// <summary>A law about one snapshot.</summary>
internal abstract class SnapshotLaw(string name, string statement)
{
    public Law Law { get; } = new(name, statement);

    /// <summary>Whether the law says anything about a policy with these promises.</summary>
    public virtual bool Concerns(PolicyPromises promises) => true;

    /// <summary>Whether the cases hold values at the ends of their types.</summary>
    public virtual bool WantsHostileCases => false;

    /// <summary>What is wrong, in one line; null when the law holds.</summary>
    public abstract string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises);

    /// <summary>Checked once, after all cases; what is wrong, null when the law holds.</summary>
    public virtual (string What, string Case)? ViolationAfterAll(IReadOnlyList<SnapshotCase> cases, ISchedulingPolicy policy) => null;

    protected static Decision DecisionOf(SnapshotCase snapshot, ISchedulingPolicy policy) =>
        Decision.Of(snapshot.Requests, snapshot.KeysOf(policy));

    protected static string? Different(string changed, Decision before, Decision after) =>
        before.Equals(after) ? null : $"{changed}: {before} became {after}.";
}
