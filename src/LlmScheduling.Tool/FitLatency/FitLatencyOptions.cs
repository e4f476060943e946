using System.CommandLine;
using System.Globalization;

namespace LlmScheduling.Tool;

/// <summary>The options of <c>llmsched fit-latency</c>.</summary>
internal sealed class FitLatencyOptions
{
    /// <summary>Measurements to fit.</summary>
    public Option<string?> Profile { get; } = Text("--profile", "P.csv[.gz]", "Measured prefill and token times. Columns in any order: prompt_tokens, batch, output_tokens, prefill_ms, tbt_ms; gpu, model, tp where it holds several engines; others are ignored. Repeats count as their median. Runs that others contradict are refused: a prefill of no fewer and no shorter prompts that took under 0.7 of the time, or under half per token.");

    /// <summary>A server's log.</summary>
    public Option<string?> Log { get; } = Text("--log", "L.csv[.gz]", "Instead of a profile, a server's request log. Columns in any order: input_tokens, output_tokens, queued_s, first_token_s, last_token_s; gpu, model where it holds several servers; others (scheduled_s) are ignored.");

    /// <summary>The engine that wrote the log.</summary>
    public Option<string?> Engine { get; } = Text("--engine", "E.json", "With --log, the server's limits: an engine file without step_us and latency_model.");

    /// <summary>Which GPU.</summary>
    public Option<string?> Gpu { get; } = Text("--gpu", "G", "Only rows of this gpu.");

    /// <summary>Which model.</summary>
    public Option<string?> Model { get; } = Text("--model", "M", "Only rows of this model.");

    /// <summary>Which tensor-parallel degree.</summary>
    public Option<long?> TensorParallel { get; } = NumberOption.Integer("--tp", "With --profile, only rows of this tp.", 1);

    /// <summary>Which formula.</summary>
    public Option<string?> Form { get; } = Text("--form", "F", "With --profile: linear, hinge, moe, or auto (default: whichever predicts held-out configurations best).");

    /// <summary>Measurements to test on.</summary>
    public Option<string?> Evaluate { get; } = Text("--evaluate", "P2.csv[.gz]", "With --profile, further measurements that are not fitted but compared with the fit. The same filters apply.");

    /// <summary>Share of the log that is used.</summary>
    public Option<double?> Calibrate { get; } = new("--calibrate")
    {
        HelpName = "X",
        Description = "With --log, the share of the requests, the earliest, whose latencies are used. Default: 0.5.",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) && share is > 0 and < 1)
                return share;
            result.AddError($"--calibrate is '{text}'; it must be a number above 0 and below 1.");
            return null;
        },
    };

    /// <summary>Where the model goes.</summary>
    public Option<string?> Out { get; } = Text("--out", "MODEL.json", "Write the model here, for the key latency_model of engine files. - is standard output.");

    /// <summary>Randomness.</summary>
    public Option<long?> Seed { get; } = NumberOption.Integer("--seed", "Taken so that scripts can give it to every command: nothing here is random.", 0);

    /// <summary>Whether to print JSON.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print the model and its figures as one JSON object instead of a table." };

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [Profile, Log, Engine, Gpu, Model, TensorParallel, Form, Evaluate, Calibrate, Out, Seed, Json];

    private static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
