namespace LlmScheduling.Testing;

/// <summary>A law about a decorator and one snapshot.</summary>
internal abstract class DecoratorLaw(string name, string statement)
{
    public Law Law { get; } = new(name, statement);

    /// <summary>What is wrong, in one line; null when the law holds.</summary>
    public abstract string? ViolationIn(SnapshotCase snapshot, Func<ISchedulingPolicy, ISchedulingPolicy> decorate);
}
