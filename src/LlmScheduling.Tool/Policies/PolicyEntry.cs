namespace LlmScheduling.Tool;

/// <summary>A policy that the command line knows.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Sentence">What it does.</param>
/// <param name="Parameters">What can be given after its name.</param>
/// <param name="Create">Makes it.</param>
internal sealed record PolicyEntry(string Name, string Sentence, IReadOnlyList<PolicyParameter> Parameters, Func<PolicyArguments, ISchedulingPolicy> Create)
{
    /// <summary>Makes the annealer that plans for it; null: nobody plans.</summary>
    public Func<PolicyArguments, IQueueAnnealer>? Annealer { get; init; }

    /// <summary>How steps are given out when this is the first order; the strict planner unless set.</summary>
    public TokenAllocation Allocation { get; init; } = new();
}
