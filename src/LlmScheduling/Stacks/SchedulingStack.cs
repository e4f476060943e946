namespace LlmScheduling;

/// <summary>A policy and how its step is given out: what is named, registered, replayed and swapped as one.</summary>
/// <param name="Name">The name in logs, metrics and reports.</param>
/// <param name="Policy">Who goes first.</param>
public sealed record SchedulingStack(string Name, ISchedulingPolicy Policy)
{
    /// <summary>How seats and tokens are given out; the strict planner unless set.</summary>
    public TokenAllocation Allocation { get; init; } = new();
}
