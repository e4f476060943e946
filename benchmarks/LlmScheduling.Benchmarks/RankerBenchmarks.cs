using BenchmarkDotNet.Attributes;

namespace LlmScheduling.Benchmarks;

/// <summary>Scoring one prompt of so many characters, beside making its lower-case copy.</summary>
public class RankerBenchmarks
{
    private const string Text = "Write a short story about a lighthouse keeper who finds a letter in a bottle; explain why the sea is salty, list 10 reasons, and compare (a) tides with {b} currents:\n";

    private PromptFeatureRanker _ranker = null!;
    private string _prompt = "";

    /// <summary>Length of the prompt.</summary>
    [Params(100, 250, 1_000, 8_000, 100_000)]
    public int Characters { get; set; }

    [GlobalSetup]
    public void Train()
    {
        // Words differ from place to place, as they do in prompts.
        var draw = new MoveRandom(1);
        string[] words = Text.Split(' ');
        string MakePrompt(int characters)
        {
            var text = new System.Text.StringBuilder();
            while (text.Length < characters)
                text.Append(words[draw.NextBelow(words.Length)]).Append((char)('a' + draw.NextBelow(26))).Append(' ');
            return text.ToString(0, characters);
        }

        LoggedResponse[] log = [.. Enumerable.Range(0, 1_000).Select(_ => MakePrompt(50 + draw.NextBelow(400))).Select(prompt => new LoggedResponse(prompt.AsMemory(), 20 * prompt.Count(letter => letter == 'w') + draw.NextBelow(40)))];
        _ranker = new PromptRankerTrainer().Train(log);
        _prompt = MakePrompt(Characters);
    }

    [Benchmark(Baseline = true)]
    public string ToLowerInvariant() => _prompt.ToLowerInvariant();

    [Benchmark]
    public float Score() => _ranker.Score(_prompt);
}
