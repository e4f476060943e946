namespace LlmScheduling.Testing;

/// <summary>A law was broken. The message holds all that is needed to see it again.</summary>
public sealed class LawViolationException : Exception
{
    internal LawViolationException(Law law, string subject, string what, string counterexample, LawOptions options)
        : base($"""
            {subject} breaks the law {law.Name}: {law.Statement}
            {what}
            Smallest case found:
            {counterexample}
            Again with: new LawOptions {"{"} Seed = {options.Seed}, Cases = {options.Cases} {"}"}
            """)
    {
        Law = law;
        Counterexample = counterexample;
        Seed = options.Seed;
    }

    internal LawViolationException(Law law, string subject, string what, string given)
        : base($"""
            {subject} breaks the law {law.Name}: {law.Statement}
            {what}
            The case given:
            {given}
            """)
    {
        Law = law;
        Counterexample = given;
    }

    /// <summary>The law.</summary>
    public Law Law { get; }

    /// <summary>The smallest case found that breaks it, or the case given, as C# that can be pasted into a test.</summary>
    public string Counterexample { get; }

    /// <summary>The <see cref="LawOptions.Seed"/> that gives it again; 0 for a case that was given.</summary>
    public ulong Seed { get; }
}
