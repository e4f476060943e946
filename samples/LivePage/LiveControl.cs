namespace LlmScheduling.Samples;

/// <summary>What the page may change: the stack or policy in force, by name.</summary>
/// <param name="Names">The names there are.</param>
/// <param name="InForce">The name of the one in force.</param>
/// <param name="Use">Puts another in force; called with one of <paramref name="Names"/> only.</param>
internal sealed record LiveControl(IReadOnlyList<string> Names, Func<string> InForce, Action<string> Use)
{
    /// <summary>Who waits and who runs, where somebody counts them; null: what the policy was shown last, which for a gate that nobody waits at is long ago.</summary>
    public Func<LiveOccupancy>? Occupancy { get; init; }
}
