using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Every policy and decorator that the command line knows, with a sentence each.</summary>
internal static class PolicyCatalogue
{
    private static readonly PolicyParameter[] SloParameters =
    [
        Parameter("k", "share of its limit", ApparentTardinessCost.DefaultK, value => value > 0, "above 0"),
        Parameter("refuse", "1: hopeless requests are refused at once", 0, value => value is 0 or 1, "0 or 1"),
        Parameter("spread", "0: predicted medians are taken for certain", 1, value => value is 0 or 1, "0 or 1"),
    ];

    /// <summary>The orders; the rest of their ties goes by arrival.</summary>
    public static IReadOnlyList<PolicyEntry> Policies { get; } =
    [
        new("fcfs", "First come, first served: the earliest arrival goes first.", [], _ => new FirstComeFirstServed()),
        new("lcfs", "The latest arrival goes first; a worst case for the tail.", [], _ => new LastComeFirstServed()),
        new("priority", "The lowest priority value goes first; under KV pressure the highest loses its blocks.", [], given => new ByPriority(given.SeatGap)),
        new("shortest-prompt-first", "The fewest prompt tokens go first; needs no prediction.", [], _ => new ShortestPromptFirst()),
        new("longest-output-first", "The largest output limit goes first, so that the last of a fixed set ends early.", [], _ => new LongestOutputFirst()),
        new("edf", "Earliest deadline first; without one, when the first token is due.", [], _ => new EarliestDeadline()),
        new("least-slack", "The least time left until the next token or the deadline is due, less the work until then, goes first.", [], _ => new LeastSlack()),
        new("hrrn", "The most tokens served to others while waiting, per own prompt token, goes first.", [], _ => new HighestResponseRatioNext()),
        new("wspt", "The fewest prompt tokens per weight go first; a negative priority is extra weight.", [], _ => new WeightedShortestFirst()),
        new("shortest-ranked-first", "The lowest rank score, which is the shortest expected answer, goes first.", [], _ => new ShortestRankedFirst()),
        new("shortest-predicted-first", "The shortest predicted output goes first.", [], _ => new ShortestPredictedFirst()),
        new("shortest-work-first", "The least expected server time, prefill and decode together, goes first.", [], _ => new ShortestWorkFirst()),
        new("atc", "The least work goes first, counted e-fold for each k of its own limit that a request has to spare; hopeless requests go last.",
            [Parameter("k", "share of its limit", ApparentTardinessCost.DefaultK, value => value > 0, "above 0")],
            given => new ApparentTardinessCost(given["k"])),
        new("slo", "Expected work over the chance to keep the promise, tokens given out in that order and cut to the tightest TPOT; hopeless requests only with capacity to spare.",
            SloParameters,
            SloOrder)
        {
            Allocation = SchedulingStacks.Slo.Allocation,
        },
        new("slo-pausing", "As slo, and decodes that are ahead of their pace lend their seat and tokens and keep their KV blocks.",
            [.. SloParameters, Parameter("margin_s", "seconds ahead of its pace from which a decode may pause", 10, value => value is >= 0 and <= 1e9, "0 to 1e9")],
            given => new AttainableWorkPausing(SloOrder(given), given.Seconds("margin_s")))
        {
            Allocation = SchedulingStacks.SloPausing.Allocation,
        },
        new("shortest-bound-first", "The smallest lower bound of the output length, which rises to what has been generated, goes first.",
            [Parameter("z", "quantile of the prediction, in standard normal units", ShortestLowerBoundFirst.DefaultZ, value => Math.Abs(value) <= 10, "-10 to 10")],
            given => new ShortestLowerBoundFirst(given["z"])),
        new("shortest-remaining-first", "The fewest predicted tokens left go first; early in its life a running request may lose its seat to a shorter one.",
            [Parameter("preemptible_share", "share of its length during which it may", ShortestRemainingFirst.DefaultPreemptibleShare, value => value is >= 0 and <= 1, "0 to 1")],
            given => new ShortestRemainingFirst(given["preemptible_share"])),
        new("gittins", "The best chance of finishing per server-second, by the predicted length's distribution, goes first.", [], _ => new GittinsFirst()),
        new("pars", "The documented PARS stack: shortest-ranked-first, aging with factor 10,000, backlog-guard.", [], _ => SchedulingStacks.Pars.Policy),
        new("soft-boost", "By arrival, moved ahead by a boost for little work; one knob between shortest work first and first come, first served.",
            [Parameter("gamma", "the knob, per second of work; 0 is shortest work first", SoftBoost.DefaultGamma, value => value >= 0, "0 or more")],
            given => new SoftBoost(given["gamma"])),
        new("backlog-boost", "By arrival, moved by the logarithm of the work in units of the queue's drain time.",
            [Parameter("factor", "head start for an e-th of the work, in drain times", BacklogBoost.DefaultFactor, value => value >= 0, "0 or more")],
            given => new BacklogBoost(given["factor"])),
        new("annealed-slo", "As atc, but what the newest plan of the queue names goes in its order; planned anew every 0.2 s by annealing on a timeline of seats.",
            [
                Parameter("evaluations", "orders tried in a plan", SeatsAnnealer.DefaultEvaluations, value => value is >= 1 and <= 1e9, "1 to 1e9"),
                Parameter("window", "requests in a plan", SeatsAnnealer.DefaultWindow, value => value is >= 1 and <= 1e6, "1 to 1e6"),
                Parameter("g", "1: plan for the published objective G", 0, value => value is 0 or 1, "0 or 1"),
            ],
            _ => new AnnealedSlo())
        {
            Annealer = given => new SeatsAnnealer((SeatsObjective)given["g"], (int)given["evaluations"], (int)given["window"]),
        },
        new("annealed-slo-paper", "In the order of the published annealer: batches of at most 8, one after another, over the oldest 512, planned anew every 0.2 s; for comparison.", [], _ => new PublishedOrder())
        {
            Annealer = _ => new PublishedQueueAnnealer(),
        },
        new("tenant-round-robin", "Tenants take turns in the order of their names; inside one the earliest arrival goes first.", [], _ => new TenantRoundRobin()),
        new("head-start", "By arrival, as if each unit of priority had moved it by a fixed time.",
            [Parameter("head_start_us", "microseconds per unit of priority", null, value => Math.Abs(value) <= 1e15, "-1e15 to 1e15")],
            given => new HeadStart(given.Microseconds("head_start_us"))),
        new("scorpio", "The least slack goes first; requests that can no longer keep their promise are refused while others wait.",
            [Parameter("defer", "1: they come last and are not refused", 0, value => value is 0 or 1, "0 or 1")],
            given => new LeastSlackOrRefuse(given["defer"] == 1))
        {
            // Its TPOT guard: nothing is admitted that would make the running ones miss their pace.
            Allocation = new TokenAllocation { DecodeShareOfTpot = 0.85 },
        },
        new("moore-hodgson", "The largest set of requests that can be on time goes first, the least work first inside it.", [], _ => new MostOnTimeFirst()),
        new("length-wait-score", "A weighted sum of shortness and absolute wait, the largest first.",
            [
                Parameter("length_weight", "worth of an empty prompt", 0.5, value => value >= 0, "0 or more"),
                Parameter("length_scale", "prompt tokens that halve it", 32_768, value => value > 0, "above 0"),
                Parameter("time_weight", "worth of having waited the time scale", 0.5, value => value >= 0, "0 or more"),
                Parameter("time_scale_us", "unit of the wait, in microseconds", 1_000_000, value => value is >= 1 and <= 1e15, "1 to 1e15"),
            ],
            given => new LengthWaitScore(given["length_weight"], given["length_scale"], given["time_weight"], given.Microseconds("time_scale_us"))),
        new("decaying-length", "Prompt length that shrinks with the wait, the shortest first.",
            [Parameter("rate_per_s", "share of the length that a second takes off", null, value => value >= 0, "0 or more")],
            given => new DecayingLength(given["rate_per_s"])),
    ];

    /// <summary>What goes around them.</summary>
    public static IReadOnlyList<DecoratorEntry> Decorators { get; } =
    [
        new("aging", "Who has waited longer than a multiple of its own expected work goes first, the largest ratio first.",
            [Parameter("factor", "that multiple", RelativeAging.DefaultFactor, value => value >= 0, "0 or more")],
            (inner, given) => inner.WithRelativeAging(given["factor"])),
        new("backlog-guard", "Every second admission goes to the oldest request that has waited longer than the queue takes to drain.",
            [Parameter("factor", "multiple of the drain time", BacklogGuard.DefaultFactor, value => value >= 0, "0 or more")],
            (inner, given) => inner.WithBacklogGuard(given["factor"])),
        new("fair", "The tenant that has been served least, in tokens by weight, goes first.", [],
            (inner, _) => inner.WithTenantFairness()),
        new("starvation", "Every second admission goes to the oldest request that has waited longer than a bound.",
            [Parameter("max_wait_s", "the bound, in seconds", 30, value => value is >= 0 and <= 1e9, "0 to 1e9")],
            (inner, given) => inner.WithStarvationBound(given.Seconds("max_wait_s"))),
    ];

    private static AttainableWorkFirst SloOrder(PolicyArguments given) =>
        new(given["k"]) { RefusesHopeless = given["refuse"] == 1, IgnoresSpread = given["spread"] == 0 };

    private static PolicyParameter Parameter(string name, string meaning, double? usual, Func<double, bool> isAllowed, string allowed) =>
        new(name, meaning, usual, isAllowed, allowed);
}
