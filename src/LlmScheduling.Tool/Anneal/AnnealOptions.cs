using System.CommandLine;

namespace LlmScheduling.Tool;

/// <summary>The options of <c>llmsched anneal</c>.</summary>
internal sealed class AnnealOptions
{
    /// <summary>What to place.</summary>
    public Option<string?> Problem { get; } = new("--problem")
    {
        HelpName = "P.json",
        Description = "The requests: {\"max_batch\": 4, \"latency\": {\"prefill_ms\": [a,b,c,d], \"decode_ms\": [a,b,c,d]}, \"jobs\": [{\"input_tokens\": 120, \"output_tokens\": 200, \"e2e_ms\": 30000}, ...]}; a job has one or more of e2e_ms, ttft_ms, tpot_ms, and may have sampled_output_tokens: [150, 320, ...], what its output length might be, as many in every job; the mean of G over these scenarios then counts. For batch size x and length l, a prefill takes a*x*l + b*x + c*l + d ms, and so does each decode step with its own numbers.",
    };

    /// <summary>The bound on time.</summary>
    public Option<double?> BudgetMs { get; } = NumberOption.Positive("--budget-ms", "How long to search above 12 jobs (default: 1). The rules, exact search and the published annealer take no budget.");

    /// <summary>The bound on evaluations.</summary>
    public Option<long?> Evaluations { get; } = NumberOption.Integer("--evaluations", "Instead of a time, how many schedules to evaluate: then the seed decides the result.", 1);

    /// <summary>How to place.</summary>
    public Option<string?> Method { get; } = new("--method")
    {
        HelpName = "M",
        Description = "auto (default: exact up to 12 jobs, else anneal), exact, anneal, paper (the published annealer), fcfs, sjf, edf, least-slack (these four in full batches).",
    };

    /// <summary>Whether gains are scaled.</summary>
    public Option<bool> ScaledTemperature { get; } = new("--scaled-temperature") { Description = "With --method paper: multiply gains by 1000 / G of the start, so that the published temperatures mean something." };

    /// <summary>Where to search.</summary>
    public Option<string?> Device { get; } = new("--device") { HelpName = "D", Description = "cpu (default), or cuda: an NVIDIA GPU searches problems with many sampled lengths and a budget of 10 ms or more; others, and all where there is no GPU, run on the CPU, and a line on standard error says why." };

    /// <summary>Draws the moves.</summary>
    public Option<long?> Seed { get; } = NumberOption.Integer("--seed", "Draws the moves (default: 1).", 0);

    /// <summary>How often.</summary>
    public Option<long?> Repeat { get; } = NumberOption.Integer("--repeat", "Solve so often for the times (default: 1); the result of the last is shown. A quarter of a second of untimed solves goes before.", 1);

    /// <summary>Whether to print JSON.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print the schedule and its figures as one JSON object instead of a table." };

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [Problem, BudgetMs, Evaluations, Method, ScaledTemperature, Device, Seed, Repeat, Json];
}
