namespace LlmScheduling.Testing;

/// <summary>A law about a whole run.</summary>
internal abstract class RunLaw(string name, string statement)
{
    public Law Law { get; } = new(name, statement);

    /// <summary>How hard its runs press.</summary>
    public virtual RunLoad Load => RunLoad.Usual;

    /// <summary>Whether the law says anything about a policy with these promises.</summary>
    public virtual bool Concerns(PolicyPromises promises) => true;

    /// <summary>What is wrong, in one line; null when the law holds. <paramref name="subject"/> makes a fresh scheduler for a run.</summary>
    public abstract string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises);
}
