using LlmScheduling.Simulation;

namespace LlmScheduling.Testing.Tests;

/// <summary>Every policy, decorator and named stack of the repository.</summary>
internal static class Subjects
{
    /// <summary>
    /// A tenant is only admitted while it has been served least, and then moves ahead by at most one prompt (40 tokens) and what
    /// the requests in the seats (3) can still generate (12 tokens, 2 each); over a time that begins with one ahead, twice that.
    /// </summary>
    public const double FairnessGap = 2 * (40 + 3 * 12 * 2);

    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(60);

    /// <summary>The runs have at most 24 requests of 0.5 s of work each, so that the backlog is never above 12 s and the bound never above 60 ms.</summary>
    private const double BacklogFactor = 0.005;

    public static IReadOnlyDictionary<string, Subject> All { get; } = new[]
    {
        Subject.Of("fcfs", new FirstComeFirstServed(), usual => usual with { EarlierArrivalNeverHurts = true, MaxPassedAfterWait = 0, OrderWhenNothingIsRanked = new FirstComeFirstServed() }),
        Subject.Of("priority", new ByPriority(), Urgent),
        Subject.Of("priority, gap 1", new ByPriority(1), usual => Urgent(usual) with { NeverTakesSeats = false }),
        Subject.Of("priority, gap 2", new ByPriority(2), usual => Urgent(usual) with { NeverTakesSeats = false }),
        Subject.Of("edf", new EarliestDeadline(), usual => usual with { EarlierDeadlineNeverHurts = true }),
        Subject.Of("least-slack", new LeastSlack(), usual => usual with { EarlierDeadlineNeverHurts = true }),
        Subject.Of("shortest-prompt-first", new ShortestPromptFirst()),
        Subject.Of("longest-output-first", new LongestOutputFirst()),
        Subject.Of("shortest-ranked-first", new ShortestRankedFirst(), usual => usual with { OrderWhenNothingIsRanked = new FirstComeFirstServed() }),
        Subject.Of("shortest-predicted-first", new ShortestPredictedFirst()),
        Subject.Of("shortest-work-first", new ShortestWorkFirst()),
        Subject.Of("atc", new ApparentTardinessCost()),
        Subject.Of("annealed-slo", new AnnealedSlo()),
        Subject.Of("annealed-slo-paper", new PublishedOrder()),
        Subject.Of("slo, strict planner", new AttainableWorkFirst()),
        Subject.Of("slo, medians for certain", new AttainableWorkFirst { IgnoresSpread = true }),
        Subject.Of("hrrn", new HighestResponseRatioNext(), usual => usual with { EarlierArrivalNeverHurts = true }),
        Subject.Of("wspt", new WeightedShortestFirst(), usual => usual with { MoreUrgentPriorityNeverHurts = true }),
        Subject.Of("tenant-round-robin", new TenantRoundRobin(), usual => usual with { EarlierArrivalNeverHurts = true }),
        Subject.Of("lcfs", new LastComeFirstServed()),
        Subject.Of("head-start", new HeadStart(TimeSpan.FromMilliseconds(200)), usual => usual with { EarlierArrivalNeverHurts = true, MoreUrgentPriorityNeverHurts = true }),
        Subject.Of("length-wait-score", new LengthWaitScore(0.5, 32_768, 0.5, TimeSpan.FromSeconds(1)), usual => usual with { EarlierArrivalNeverHurts = true }),
        Subject.Of("decaying-length", new DecayingLength(0.01), usual => usual with { EarlierArrivalNeverHurts = true }),
        Subject.Of("priority, edf, shortest-prompt-first", new ByPriority().Then(new EarliestDeadline()).Then(new ShortestPromptFirst()), Urgent),
        Subject.Of("fcfs+aging", new FirstComeFirstServed().WithRelativeAging(2), usual => usual with { EarlierArrivalNeverHurts = true }),
        Subject.Of("fcfs+fair", new FirstComeFirstServed().WithTenantFairness(), usual => usual with { EarlierArrivalNeverHurts = true, MaxServiceGap = FairnessGap }),
        Subject.Of("lcfs+fair", new LastComeFirstServed().WithTenantFairness(), usual => usual with { MaxServiceGap = FairnessGap }),
        Subject.Of("lcfs+starvation", new LastComeFirstServed().WithStarvationBound(Bound), Bounded),
        Subject.Of("shortest-prompt-first+starvation", new ShortestPromptFirst().WithStarvationBound(Bound), Bounded),
        Subject.Of("priority+starvation", new ByPriority().WithStarvationBound(Bound), usual => Bounded(usual) with { MoreUrgentPriorityNeverHurts = true }),
        Subject.Of("longest-output-first+aging+fair+starvation", new LongestOutputFirst().WithRelativeAging(2).WithTenantFairness().WithStarvationBound(Bound), Bounded),
        Subject.Of("shortest-ranked-first+aging+starvation+fair", new ShortestRankedFirst().WithRelativeAging().WithStarvationBound(Bound).WithTenantFairness(), usual => usual with { MaxServiceGap = FairnessGap }),
        Subject.Of("lcfs+backlog-guard", new LastComeFirstServed().WithBacklogGuard(BacklogFactor), Bounded),
        Subject.Of("shortest-work-first+backlog-guard", new ShortestWorkFirst().WithBacklogGuard(BacklogFactor), Bounded),
        Subject.Of("longest-output-first+aging+fair+backlog-guard", new LongestOutputFirst().WithRelativeAging(2).WithTenantFairness().WithBacklogGuard(BacklogFactor), Bounded),
        Subject.Of("backlog-boost", new BacklogBoost(), usual => usual with { EarlierArrivalNeverHurts = true }),
        Subject.Of("gittins", new GittinsFirst()),
        Subject.Of("gittins, distribution of unknown lengths", new GittinsFirst(LengthDistribution.Of([3, 1, 40, 2, 9]))),
        Subject.Of("shortest-bound-first", new ShortestLowerBoundFirst()),
        Subject.Of("shortest-remaining-first", new ShortestRemainingFirst(), usual => usual with { NeverTakesSeats = false }),
        Subject.Of("shortest-remaining-first, share 1", new ShortestRemainingFirst(1), usual => usual with { NeverTakesSeats = false }),
        Subject.Of("shortest-remaining-first, share 0", new ShortestRemainingFirst(0)),
        Subject.Of("scorpio", new LeastSlackOrRefuse()),
        Subject.Of("scorpio, deferring", new LeastSlackOrRefuse(defersHopeless: true)),
        Subject.Of("moore-hodgson", new MostOnTimeFirst()),
        Subject.Of("soft-boost", new SoftBoost(), usual => usual with { EarlierArrivalNeverHurts = true }),
        Subject.Of("soft-boost, infinite gamma", new SoftBoost(double.PositiveInfinity), usual => usual with { EarlierArrivalNeverHurts = true, MaxPassedAfterWait = 0 }),
        Subject.Of("fcfs, prefills by key", new FirstComeFirstServed(), usual => usual with { MaxPassedAfterWait = 0 }) with { Allocation = new() { PrefillOrder = PrefillOrder.ByKey, MaxOpenPrefills = 2 } },
        Subject.Of("shortest-prompt-first, prefills by key", new ShortestPromptFirst()) with { Allocation = new() { PrefillOrder = PrefillOrder.ByKey } },
        Subject.Of("hrrn, prefills by key", new HighestResponseRatioNext()) with { Allocation = new() { PrefillOrder = PrefillOrder.ByKey, MaxOpenPrefills = 1 } },
        Stack(SchedulingStacks.Fcfs),
        Stack(SchedulingStacks.Priority),
        Stack(SchedulingStacks.Edf),
        Stack(SchedulingStacks.AgedShortestWork),
        Stack(SchedulingStacks.Pars),
        Stack(SchedulingStacks.FairFcfs),
        Stack(SchedulingStacks.Slo),
        Stack(SchedulingStacks.SloPausing, usual => usual with { IsWorkConserving = false, LendsSeats = true }),
    }.ToDictionary(subject => subject.Name);

    private static PolicyPromises Urgent(PolicyPromises usual) => usual with { MoreUrgentPriorityNeverHurts = true, ServiceIsMonotoneInPriority = true };

    /// <summary>One later arrival may be admitted before an overdue request, and one for each older one that waits.</summary>
    private static PolicyPromises Bounded(PolicyPromises usual) => usual with { MaxPassedAfterWait = 1, WaitBeforeBound = Bound };

    private static Subject Stack(SchedulingStack stack, Func<PolicyPromises, PolicyPromises>? promises = null) =>
        Subject.Of($"SchedulingStacks, {stack.Name}", stack.Policy, promises) with { Allocation = stack.Allocation };
}
