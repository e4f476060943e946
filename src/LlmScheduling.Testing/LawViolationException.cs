namespace LlmScheduling.Testing;

/// <summary>A law was broken. The message holds all that is needed to see it again.</summary>
public sealed class LawViolationException : Exception
{
    internal LawViolationException(Law law, string subject, string what, string counterexample, ulong seed, int cases)
        : base($"""
            {subject} breaks the law {law.Name}: {law.Statement}
            {what}
            Smallest case found:
            {counterexample}
            Again with: new LawOptions {"{"} Seed = {seed}, Cases = {cases} {"}"}
            """)
    {
        Law = law;
        Counterexample = counterexample;
        Seed = seed;
    }

    /// <summary>The law.</summary>
    public Law Law { get; }

    /// <summary>The smallest case found that breaks it, as C# that can be pasted into a test.</summary>
    public string Counterexample { get; }

    /// <summary>The <see cref="LawOptions.Seed"/> that gives it again.</summary>
    public ulong Seed { get; }
}
