using System.Globalization;
using LlmScheduling;
using LlmScheduling.Simulation;

/// <summary>What the command line asks for.</summary>
/// <param name="IsHelp">Only to say what can be asked for.</param>
/// <param name="IsDemo">To drive a load against itself, and end.</param>
/// <param name="Streams">To keep so many streams open against a server that runs already; null: not to.</param>
/// <param name="Engine">What the embedded engine stands for.</param>
/// <param name="Speed">How many times as fast as life it runs.</param>
/// <param name="Model">Its name.</param>
/// <param name="Server">How to serve.</param>
internal sealed record CommandLine(bool IsHelp, bool IsDemo, (Uri Server, int Count, TimeSpan Duration)? Streams, EngineSettings Engine, double Speed, string Model, ServerOptions Server)
{
    private const double DemoSpeed = 10;

    public const string Help = """
        ModelServer [--demo] [--url http://127.0.0.1:8000] [--engine FILE.json] [--speed X] [--seats N] [--model NAME]
                    [--slo FILE.json] [--max-queued N] [--ranker FILE] [--page-token TOKEN] [--otlp http://localhost:4318]
        ModelServer --streams N [--seconds S] [--against http://127.0.0.1:8000] [--model NAME]
          --demo        starts on a free port, drives a load against itself under fcfs and under slo, compares, and ends
          --url         where to listen; port 0 takes a free one
          --engine      what the embedded engine stands for, as llmsched simulate reads it; default: Llama-2-70B on eight H100
          --speed       how many times as fast as life it runs; default: 1, in the demo 10
          --seats       requests that run at once, in place of what the engine's file says
          --slo         what each class of traffic is promised, as llmsched simulate reads it; default: chat and code, as in the demo
          --ranker      a file of llmsched train-ranker: prompts are scored
          --page-token  the page at /scheduler is for whoever shows it; default: for this machine only
          --otlp        sends metrics and spans to a collector, over HTTP
          --streams     keeps so many streams open against a server that runs already, for --seconds, and says what became of them
        """;

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="InputException">One of them is unknown, has no value, or a bad one.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        bool isDemo = false, isHelp = false;
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            isDemo |= name == "--demo";
            isHelp |= name is "--help" or "-h";
            if (name is "--demo" or "--help" or "-h")
                continue;
            if (name != "--streams" && !Help.Contains($"[{name} ", StringComparison.Ordinal))
                throw new InputException("ModelServer", null, null, name, "the options that --help lists");
            given[name] = i + 1 < arguments.Count ? arguments[++i] : throw new InputException("ModelServer", null, name, "nothing", "a value");
        }

        var usual = new ServerOptions();
        EngineSettings engine = EngineFile.Read(given.GetValueOrDefault("--engine", Path.Combine(AppContext.BaseDirectory, "engines", "h100-llama2-70b.json")));
        if (given.ContainsKey("--seats"))
            engine = engine with { MaxSequences = (int)Number(given, "--seats", 1, 100_000, 0) };
        (Uri, int, TimeSpan)? streams = given.ContainsKey("--streams")
            ? (Address(given.GetValueOrDefault("--against", usual.Url)), (int)Number(given, "--streams", 1, 100_000, 0), TimeSpan.FromSeconds(Number(given, "--seconds", 1, 86_400, 60)))
            : null;
        return new CommandLine(isHelp, isDemo, streams, engine, Number(given, "--speed", 0.01, 1_000, isDemo ? DemoSpeed : 1), given.GetValueOrDefault("--model", "embedded"), usual with
        {
            Url = given.GetValueOrDefault("--url", isDemo ? "http://127.0.0.1:0" : usual.Url),
            Promises = given.TryGetValue("--slo", out string? slo) ? SloTable.Read(slo).Classes : DemoLoad.Promises.Classes,
            MaxQueued = given.ContainsKey("--max-queued") ? (int)Number(given, "--max-queued", 1, 1_000_000, 1) : null,
            Ranker = given.TryGetValue("--ranker", out string? ranker) ? PromptFeatureRanker.Read(ranker) : null,
            PageToken = given.GetValueOrDefault("--page-token"),
            Otlp = given.TryGetValue("--otlp", out string? otlp) ? Address(otlp) : null,
        });
    }

    private static double Number(Dictionary<string, string> given, string name, double least, double most, double usual) =>
        !given.TryGetValue(name, out string? text) ? usual
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most ? number
        : throw new InputException("ModelServer", null, name, text, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? uri : throw new InputException("ModelServer", null, null, text, "an address such as http://localhost:4318");
}
