using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace LlmScheduling.Benchmarks;

/// <summary>What a ranker that learns on line is worth beside one that was trained on the same prompts at once; on data/lengths.</summary>
internal static class OnlineRanking
{
    private static readonly int[] Checkpoints = [100, 200, 500, 1_000, 2_000, 5_000];

    /// <summary>Prints a table in Markdown. Rows of NAME.train are shuffled by the seed and learnt once; those of NAME.dev are only reported on.</summary>
    public static void Run(string folder, string[] names, ulong seed)
    {
        Console.WriteLine("| set | prompts | trained at once | on line, one pass | difference | prequential | served by |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (string name in names)
            Compare(name, Shuffled(Read(Path.Combine(folder, $"{name}.train.jsonl.gz")), seed), Read(Path.Combine(folder, $"{name}.dev.jsonl.gz")));
    }

    private static void Compare(string name, LoggedResponse[] train, LoggedResponse[] dev)
    {
        using var online = new OnlineRankerTrainer();
        int learnt = 0;
        foreach (int count in (int[])[.. Checkpoints.Where(count => count < train.Length), train.Length])
        {
            for (; learnt < count; learnt++)
                online.Learn(train[learnt]);
            PromptFeatureRanker batch = new PromptRankerTrainer().Train(train[..count]);
            IRequestRanker served = online.Ranker.Current;
            double ofBatch = TauOf(batch, dev), ofOnline = TauOf(served, dev);
            string kind = (served as PromptFeatureRanker)?.Card.Kind.ToString() ?? "nobody is ranked";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {count} | {ofBatch:F3} | {ofOnline:F3} | {ofOnline - ofBatch:F3} | {online.TauB:F3} | {kind} |"));
        }
    }

    /// <summary>Prints a table in Markdown: a learner that starts from a ranker of FROM.train and one that starts from nothing, on TO.</summary>
    public static void RunStarts(string folder, (string From, string To)[] starts, ulong seed)
    {
        Console.WriteLine("| file from | then | prompts | the file alone | started from it | started from nothing | prequential: from it | from nothing |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach ((string from, string to) in starts)
        {
            LoggedResponse[] before = Shuffled(Read(Path.Combine(folder, $"{from}.train.jsonl.gz")), seed), rows = Shuffled(Read(Path.Combine(folder, $"{to}.train.jsonl.gz")), seed + 1);
            LoggedResponse[] dev = Read(Path.Combine(folder, $"{to}.dev.jsonl.gz"));
            if (from == to)
                (before, rows) = (before[..1_000], before[1_000..]);
            PromptFeatureRanker file = new PromptRankerTrainer().Train(before);
            using OnlineRankerTrainer warm = new(new OnlineRankerTrainerOptions { Start = file }), cold = new();
            int learnt = 0;
            foreach (int count in Checkpoints.Where(count => count < rows.Length))
            {
                for (; learnt < count; learnt++)
                {
                    warm.Learn(rows[learnt]);
                    cold.Learn(rows[learnt]);
                }

                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {from} | {to} | {count} | {TauOf(file, dev):F3} | {TauOf(warm.Ranker.Current, dev):F3} | {TauOf(cold.Ranker.Current, dev):F3} | {warm.TauB:F3} | {cold.TauB:F3} |"));
            }
        }
    }

    private static double TauOf(IRequestRanker ranker, LoggedResponse[] rows)
    {
        var scores = new float[rows.Length];
        RankingInput[] inputs = [.. rows.Select((row, i) => new RankingInput(new RequestId(i), row.Prompt, 1, int.MaxValue, ""))];
        ranker.RankAsync(inputs, scores, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return float.IsNaN(scores[0]) ? 0 : KendallTau.TauB([.. rows.Select(row => (double)row.ResponseTokens)], [.. scores.Select(score => (double)score)]);
    }

    /// <summary>Rows in a random order that the seed alone decides.</summary>
    public static LoggedResponse[] Shuffled(LoggedResponse[] rows, ulong seed)
    {
        var random = new MoveRandom(seed);
        for (int last = rows.Length - 1; last > 0; last--)
        {
            int other = random.NextBelow(last + 1);
            (rows[last], rows[other]) = (rows[other], rows[last]);
        }

        return rows;
    }

    /// <summary>Prompts and lengths of a file of data/lengths.</summary>
    public static LoggedResponse[] Read(string path)
    {
        var rows = new List<LoggedResponse>();
        using var text = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (text.ReadLine() is { } line)
        {
            using JsonDocument row = JsonDocument.Parse(line);
            rows.Add(new LoggedResponse(row.RootElement.GetProperty("prompt").GetString().AsMemory(), row.RootElement.GetProperty("response_tokens").GetInt32()));
        }

        return [.. rows];
    }
}
