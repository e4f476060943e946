using System.CommandLine;
using System.Globalization;

namespace LlmScheduling.Tool;

/// <summary>The options of <c>llmsched train-ranker</c>.</summary>
internal sealed class TrainRankerOptions
{
    /// <summary>What to learn from.</summary>
    public DataOptions Data { get; } = new("learn from");

    /// <summary>What to report on.</summary>
    public Option<string?> Dev { get; } = DataOptions.Text("--dev", "D2.jsonl[.gz]", "More of the same that is only reported on: nothing is chosen by it.");

    /// <summary>Where the time is.</summary>
    public Option<string?> TimeField { get; } = DataOptions.Text("--time-field", "F", "The field of when the answer was given: seconds since 1970, or such as 2025-03-01T12:00:00Z.");

    /// <summary>What is held out.</summary>
    public Option<string?> Split { get; } = DataOptions.Text("--split", "S", "What is held out to choose and to validate by: hash (default; each quarter of the prompts in turn) or time (the newest fifth; needs --time-field).");

    /// <summary>What to get right.</summary>
    public Option<string?> Loss { get; } = DataOptions.Text("--loss", "L", "ranknet (default) and margin (as PARS) learn from pairs, listmle from whole orders, pointwise from lengths.");

    /// <summary>Which pairs say something.</summary>
    public Option<double?> MinGap { get; } = new("--min-gap")
    {
        HelpName = "X",
        Description = "With ranknet and margin, leave out pairs whose lengths differ by less than this share of the longer one (default: 0.2 with margin, as PARS, and 0 with ranknet).",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, CultureInfo.InvariantCulture, out double share) && share is >= 0 and < 1)
                return share;
            result.AddError($"--min-gap is '{text}'; it must be a number from 0 and below 1.");
            return null;
        },
    };

    /// <summary>Whether the file is small.</summary>
    public Option<bool> Int8 { get; } = new("--int8") { Description = "Write the 34,000 weights that matter most, with 8 bits each (70 KB), instead of 2^18 of 32 (1.05 MB)." };

    /// <summary>Whose answers these are.</summary>
    public Option<string?> Model { get; } = DataOptions.Text("--model", "M", "The model that gave the answers, for the ranker's card.");

    /// <summary>Where the ranker goes.</summary>
    public Option<string?> Out { get; } = DataOptions.Text("--out", "R.ranker", "Write the ranker here.");

    /// <summary>Randomness.</summary>
    public Option<long?> Seed { get; } = NumberOption.Integer("--seed", "Seeds the order in which prompts are learnt; equal seeds and data give equal files. Default: 1.", 0);

    /// <summary>Whether to print JSON.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print the figures as one JSON object instead of a table." };

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [.. Data.All, Dev, TimeField, Split, Loss, MinGap, Int8, Model, Out, Seed, Json];
}
