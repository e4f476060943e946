namespace LlmScheduling;

/// <summary>Named stacks to start from; change one with a <c>with</c> expression. They use the strict planner but for those that say so.</summary>
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

    /// <summary>The default for objectives: <see cref="AttainableWorkFirst"/>, whose tokens are given out in key order and cut to the tightest TPOT, and hopeless requests only with capacity to spare.</summary>
    public static SchedulingStack Slo { get; } = new("slo", new AttainableWorkFirst())
    {
        Allocation = new TokenAllocation
        {
            PrefillOrder = PrefillOrder.ByKey,
            PrefillShareOfTpot = 0.9,
            DecodeShareOfTpot = 0.85,
            DecodeSharePrefillTokens = 128,
            SpareShareOfTpot = 0.6,
            ReservedSeatShare = 0.12,
        },
    };

    /// <summary>As <see cref="Slo"/>, with <see cref="AttainableWorkPausing"/>: for engines that can leave a sequence out of a step and keep its KV blocks, as many as there are.</summary>
    public static SchedulingStack SloPausing { get; } = new("slo-pausing", new AttainableWorkPausing())
    {
        Allocation = Slo.Allocation with
        {
            DecodeShareOfTpot = AttainableWorkPausing.ShareOfTpot,
            DecodeSharePrefillTokens = AttainableWorkPausing.StepPrefillTokens,
            ReservedSeatShare = 0,
            MaxResidentSequences = int.MaxValue,
        },
    };
}
