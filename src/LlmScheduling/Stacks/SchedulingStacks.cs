namespace LlmScheduling;

/// <summary>Named stacks to start from. All of them use the strict planner; change one with a <c>with</c> expression.</summary>
public static class SchedulingStacks
{
    /// <summary>First come, first served: <see cref="FirstComeFirstServed"/>.</summary>
    public static SchedulingStack Fcfs { get; } = new("fcfs", new FirstComeFirstServed());

    /// <summary>Most urgent first, seats are never taken: <see cref="ByPriority"/>.</summary>
    public static SchedulingStack Priority { get; } = new("priority", new ByPriority());

    /// <summary>Earliest deadline first: <see cref="EarliestDeadline"/>.</summary>
    public static SchedulingStack Edf { get; } = new("edf", new EarliestDeadline());

    /// <summary>Least expected work first, promoted by relative wait: <see cref="ShortestWorkFirst"/> with <see cref="RelativeAging"/>.</summary>
    public static SchedulingStack AgedShortestWork { get; } = new("shortest-work-first+aging", new ShortestWorkFirst().WithRelativeAging());

    /// <summary>
    /// Shortest ranked answer first, as in PARS: <see cref="ShortestRankedFirst"/> with <see cref="RelativeAging"/> and
    /// <see cref="BacklogGuard"/>. A request is aged once it has waited as long as 10,000 of its size would take, which is the
    /// default queue's capacity; sooner, ageing would undo the ranking in a long queue wherever only scores are known and not
    /// lengths. For fairness between tenants put <see cref="TenantFairness"/> before the guard.
    /// </summary>
    public static SchedulingStack Pars { get; } = new("pars", new ShortestRankedFirst().WithRelativeAging(10_000).WithBacklogGuard());

    /// <summary>Tenants share by tokens, in arrival order inside each: <see cref="FirstComeFirstServed"/> with <see cref="TenantFairness"/>.</summary>
    public static SchedulingStack FairFcfs { get; } = new("fcfs+fair", new FirstComeFirstServed().WithTenantFairness());
}
