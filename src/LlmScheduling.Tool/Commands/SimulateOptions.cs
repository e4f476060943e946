using System.CommandLine;

namespace LlmScheduling.Tool;

/// <summary>The options of <c>llmsched simulate</c>.</summary>
internal sealed class SimulateOptions
{
    /// <summary>Recorded requests.</summary>
    public Option<string[]> Traces { get; } = Texts("--trace", "T.csv[.gz][=CLASS]", "A recorded trace; may repeat, and all are merged by arrival. =CLASS sets the class of its requests, - is standard input. Columns: arrival_us or arrival_s, input_tokens, output_tokens; if there are: id, max_output_tokens, priority, tenant, slo_class, deadline_us, prompt.");

    /// <summary>Generated requests.</summary>
    public Option<string?> Workload { get; } = Text<string?>("--workload", "W", "Instead of a trace, requests that are generated: burst:N (all at once), poisson:RATE:N or bursty:RATE:CV:N (RATE in requests/s).");

    /// <summary>The engine.</summary>
    public Option<string?> Engine { get; } = Text<string?>("--engine", "E.json", "The engine to simulate: seats, token budget, KV blocks, what a step costs.");

    /// <summary>The policies.</summary>
    public Option<string[]> Policies { get; } = Texts("--policy", "P", "Who goes first; may repeat, and one replay runs under each. 'llmsched policies' lists them.");

    /// <summary>What is known of lengths.</summary>
    public Option<string?> Lengths { get; } = Text<string?>("--lengths", "L", "What policies know of output lengths: oracle (default), noisy:TAU (truth with noise that leaves a rank correlation of TAU), class-mean (past answers of the class), ranker:FILE (what a ranker of train-ranker makes of the trace's prompts), online (the same of a ranker that starts from nothing and learns from the requests that complete).");

    /// <summary>Objectives.</summary>
    public Option<string?> Slo { get; } = Text<string?>("--slo", "S.json", "What each class is promised, such as {\"classes\": {\"chat\": {\"ttft_ms\": 500, \"tpot_ms\": 50}}}.");

    /// <summary>Load in units of what the engine can serve.</summary>
    public Option<double?> Load { get; } = NumberOption.Positive("--load", "Scale arrival times so that requests arrive at X times the rate that the engine can serve; several engines serve as many times the rate of one.");

    /// <summary>Load in requests per second.</summary>
    public Option<double?> Rate { get; } = NumberOption.Positive("--rate", "Scale arrival times so that X requests arrive per second.");

    /// <summary>Most requests.</summary>
    public Option<long?> Limit { get; } = NumberOption.Integer("--limit", "Keep the first N requests.", 1);

    /// <summary>How many engines.</summary>
    public Option<long?> Instances { get; } = NumberOption.Integer("--instances", "So many engines, each with steps of its own, behind one queue in the order of the policy: a request is bound when an engine has a seat and tokens for it. Default: 1.", 1);

    /// <summary>Where requests are bound on arrival.</summary>
    public Option<string?> Assignment { get; } = Text<string?>("--assignment", "A", "Bind a request to an engine when it arrives, each engine with a queue of its own: round-robin, least-work, largest-memory or earliest-finish. Default: central-queue.");

    /// <summary>Randomness.</summary>
    public Option<long?> Seed { get; } = NumberOption.Integer("--seed", "Seeds everything random; equal seeds give equal results. Default: 1.", 0);

    /// <summary>Where files go.</summary>
    public Option<string?> Out { get; } = Text<string?>("--out", "DIR", "Write DIR/<policy>.requests.csv, a row per request, and DIR/summary.json.");

    /// <summary>Where the report goes.</summary>
    public Option<string?> Report { get; } = Text<string?>("--report", "FILE.html", "Write a page of charts: latencies, queues, who ran when. - is standard output.");

    /// <summary>Whether to print JSON.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print the summary as one JSON object instead of a table." };

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [Traces, Workload, Engine, Policies, Lengths, Slo, Load, Rate, Limit, Instances, Assignment, Seed, Out, Report, Json];

    private static Option<string[]> Texts(string name, string value, string description)
    {
        Option<string[]> option = Text<string[]>(name, value, description);
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count < result.IdentifierTokenCount)
                result.AddError($"{name} is given without a value");
        });
        return option;
    }

    private static Option<T> Text<T>(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
