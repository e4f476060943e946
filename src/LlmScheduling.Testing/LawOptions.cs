namespace LlmScheduling.Testing;

/// <summary>How deep laws are checked, and what else a policy promises. Immutable.</summary>
public sealed record LawOptions
{
    /// <summary>Generated cases per law; 1 or more. Default: 200.</summary>
    public int Cases { get; init; } = 200;

    /// <summary>Seeds the cases: the seed that a failure prints gives the same cases again. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What this policy promises beyond what every policy must keep.</summary>
    public PolicyPromises Promises { get; init; } = new();

    /// <summary>Whether the first case that breaks a law is made smaller before it is told.</summary>
    internal bool Shrinks { get; init; } = true;

    internal void Validate()
    {
        if (Cases < 1)
            throw new ArgumentOutOfRangeException(nameof(Cases), Cases, "LawOptions.Cases must be 1 or more.");
    }
}
