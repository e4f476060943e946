using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Every policy and decorator that the command line knows, with a sentence each.</summary>
internal static class PolicyCatalogue
{
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
