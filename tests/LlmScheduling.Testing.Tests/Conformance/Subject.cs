namespace LlmScheduling.Testing.Tests;

/// <summary>A policy of the repository as the laws check it, with the promises that its documentation makes.</summary>
internal sealed record Subject(string Name, Func<ISchedulingPolicy> Create, PolicyPromises Promises)
{
    public static Subject Of(string name, ISchedulingPolicy policy, Func<PolicyPromises, PolicyPromises>? promises = null)
    {
        // None of them holds or refuses anything, and only ByPriority with a gap takes seats.
        var usual = new PolicyPromises { IsWorkConserving = true, NeverTakesSeats = true };
        return new Subject(name, () => policy, promises is null ? usual : promises(usual));
    }

    /// <summary>How its steps are given out.</summary>
    public TokenAllocation Allocation { get; init; } = new();

    public SchedulingStack Stack(RunCase run) => new(Name, Create()) { Allocation = Allocation };
}
