using System.Globalization;

namespace LlmScheduling.Benchmarks;

/// <summary>How many lengths stay below their predicted 90 % quantile, on a stream that changes from one set of data/lengths to another.</summary>
internal static class LengthCoverage
{
    private const double UpperZ = 1.2815515655446004;
    private const int AfterChange = 500;

    private delegate ILengthPredictor Maker(PromptFeatureRanker ranker);

    /// <summary>
    /// Prints a table in Markdown. A ranker is trained on a half of FROM.train; the stream is the other half, then all of TO.train. With
    /// <paramref name="isReport"/> the ranker is trained on all of FROM.train and the stream is FROM.dev, then TO.dev.
    /// </summary>
    public static void Run(string folder, (string From, string To)[] changes, ulong seed, bool isReport, bool tries)
    {
        var makers = new List<(string Name, Maker Make)> { ("as trained", ranker => ranker), ("conformal", ranker => new ConformalLengthPredictor(ranker)), ("conformal, scores only", _ => new ConformalLengthPredictor()) };
        if (tries)
        {
            foreach (double step in (double[])[0.02, 0.05, 0.1, 0.2])
            {
                foreach (int window in (int[])[256, 512, 1_024])
                    makers.Add((string.Create(CultureInfo.InvariantCulture, $"step {step}, window {window}"), ranker => new ConformalLengthPredictor(ranker, step, window)));
            }
        }

        Console.WriteLine("| from | to | predictor | before | first 500 after | later | worst 500 before or later | below the median | loss |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach ((string from, string to) in changes)
        {
            LoggedResponse[] train = OnlineRanking.Shuffled(OnlineRanking.Read(Path.Combine(folder, $"{from}.train.jsonl.gz")), seed);
            LoggedResponse[] before = isReport ? Dev(from) : train[(train.Length / 2)..];
            LoggedResponse[] after = isReport ? Dev(to) : OnlineRanking.Shuffled(OnlineRanking.Read(Path.Combine(folder, $"{to}.train.jsonl.gz")), seed);
            PromptFeatureRanker ranker = new PromptRankerTrainer().Train(isReport ? train : train[..(train.Length / 2)]);
            foreach ((string name, Maker make) in makers)
                Measure($"| {from} | {to} | {name}", ranker, make(ranker), [.. before, .. after], before.Length);
        }

        LoggedResponse[] Dev(string name) => OnlineRanking.Shuffled(OnlineRanking.Read(Path.Combine(folder, $"{name}.dev.jsonl.gz")), seed);
    }

    private static void Measure(string title, PromptFeatureRanker ranker, ILengthPredictor predictor, LoggedResponse[] stream, int change)
    {
        bool[] isCovered = new bool[stream.Length];
        int belowMedian = 0;
        double loss = 0;
        var estimates = new LengthEstimate[1];
        for (int i = 0; i < stream.Length; i++)
        {
            LoggedResponse row = stream[i];
            float score = ranker.Score(row.Prompt.Span);
            var input = new RankingInput(new RequestId(i), row.Prompt, 1, int.MaxValue, "");
            predictor.Predict([input], [score], estimates);
            double upper = estimates[0].Quantile(UpperZ), tokens = Math.Max(1, row.ResponseTokens), excess = Math.Log(tokens / Math.Max(1, upper));
            isCovered[i] = tokens <= upper;
            belowMedian += tokens <= estimates[0].Median ? 1 : 0;
            loss += excess > 0 ? 0.9 * excess : -0.1 * excess;
            (predictor as ISchedulingObserver)?.OnRequestEnded(Ended(row, score));
        }

        int settled = Math.Min(stream.Length, change + AfterChange);
        double worst = new[] { Worst(isCovered.AsSpan(0, change)), Worst(isCovered.AsSpan(settled)) }.MaxBy(share => Math.Abs(share - 0.9));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title} | {Text(Share(isCovered.AsSpan(0, change)))} | {Text(Share(isCovered.AsSpan(change, settled - change)))} | {Text(Share(isCovered.AsSpan(settled)))} | {Text(worst)} | {(double)belowMedian / stream.Length:P1} | {loss / stream.Length:F4} |"));
    }

    private static double Share(ReadOnlySpan<bool> isCovered) => isCovered.Length == 0 ? double.NaN : (double)isCovered.Count(true) / isCovered.Length;

    private static string Text(double share) => double.IsNaN(share) ? "-" : share.ToString("P1", CultureInfo.InvariantCulture);

    private static double Worst(ReadOnlySpan<bool> isCovered)
    {
        double worst = 0.9;
        for (int end = AfterChange; end <= isCovered.Length; end++)
        {
            double share = Share(isCovered.Slice(end - AfterChange, AfterChange));
            worst = Math.Abs(share - 0.9) > Math.Abs(worst - 0.9) ? share : worst;
        }

        return worst;
    }

    private static EndedRequest Ended(LoggedResponse row, float score) => new(
        new RequestId(0),
        new InferenceRequest { PromptTokens = 1, MaxOutputTokens = int.MaxValue, Prompt = row.Prompt },
        RequestOutcome.Completed,
        FinishReason.Stop,
        SloTargets.BestEffort,
        TimeSpan.Zero,
        TimeSpan.Zero,
        TimeSpan.Zero,
        TimeSpan.Zero,
        Math.Max(1, row.ResponseTokens),
        0,
        score);
}
