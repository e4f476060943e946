namespace LlmScheduling.Testing;

/// <summary>A law: its name, and what it says in one sentence.</summary>
/// <param name="Name">The name, usable as a test's name.</param>
/// <param name="Statement">What must hold.</param>
public sealed record Law(string Name, string Statement)
{
    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
