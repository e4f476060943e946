using System.Diagnostics;
using System.Globalization;
using System.Text;
using LlmScheduling.Cuda.Tests;
using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling.Benchmarks;

/// <summary>
/// What a ranker adds to ONNX Runtime: 32 prompts of 128 word pieces through a 2-layer, 128-wide encoder, by
/// <see cref="OnnxRequestRanker"/> from text to scores, and by a session that is handed the same numbers, on one thread each. The two
/// take turns, and who begins alternates, so that a slow moment of the machine falls on both; ratios are taken within a turn. All is done twice: whose session is opened first,
/// and so where in memory it lies, decides more than what the ranker does.
/// </summary>
internal static class OnnxRankerOverhead
{
    private const int Batch = 32, Tokens = 128, Warmup = 10, Rounds = 200, Words = 1_000;

    private static readonly EncoderShape Shape = new() { Layers = 2, Width = 128, Heads = 4, Words = Words + 4, HasTokenTypes = false };

    public static async Task RunAsync()
    {
        string folder = Directory.CreateTempSubdirectory("onnx-ranker-").FullName;
        try
        {
            string path = Path.Combine(folder, "ranker.onnx");
            File.WriteAllBytes(path, new TinyEncoder(Shape).ToOnnx());
            File.WriteAllText(Path.Combine(folder, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n" + string.Concat(Enumerable.Range(0, Words).Select(i => $"{Word(i)}\n")), new UTF8Encoding(false));
            foreach (bool isRankerFirst in new[] { true, false })
            {
                Console.WriteLine($"\nThe session of {(isRankerFirst ? "the ranker" : "ONNX Runtime alone")} is opened and run first.\n");
                await MeasureAsync(path, isRankerFirst);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string path, bool isRankerFirst)
    {
        var random = new Random(1);
        RankingInput[] prompts = [.. Enumerable.Range(0, Batch).Select(i => new RankingInput(new RequestId(i), string.Join(' ', Enumerable.Range(0, Tokens).Select(_ => Word(random.Next(Words)))).AsMemory(), Tokens, 1, ""))];
        OnnxRequestRanker? early = isRankerFirst ? Load(path) : null;
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(path, options);
        using OrtIoBinding binding = session.CreateIoBinding();
        using var run = new RunOptions();
        float[] direct = new float[Batch], ranked = new float[Batch];
        using OrtValue ids = OrtValue.CreateTensorValueFromMemory(Ids(path, prompts), [Batch, Tokens]), mask = OrtValue.CreateTensorValueFromMemory(Ones(), [Batch, Tokens]), scores = OrtValue.CreateTensorValueFromMemory(direct, [Batch, 1]);
        binding.BindInput("input_ids", ids);
        binding.BindInput("attention_mask", mask);
        binding.BindOutput("score", scores);
        session.RunWithBinding(run, binding);
        await using OnnxRequestRanker ranker = early ?? Load(path);

        var (ours, theirs, elsewhere, pieces) = (new List<Sample>(), new List<Sample>(), new List<Sample>(), new List<Sample>());
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Read(Path.Combine(Path.GetDirectoryName(path)!, "vocab.txt"));
        for (int round = 0; round < Warmup + Rounds; round++)
        {
            Sample? first = round % 2 == 0 ? Direct() : null;
            Sample ranking = await RankAsync();
            Sample alone = first ?? Direct(), away = await ElsewhereAsync(), cutting = Cut();
            if (round < Warmup)
                continue;
            pieces.Add(cutting);
            theirs.Add(alone);
            elsewhere.Add(away);
            ours.Add(ranking);
        }

        if (!direct.SequenceEqual(ranked))
            throw new InvalidOperationException("The two ways give different scores.");
        Console.WriteLine("| of a batch | wall time: least, ms | median, ms | processor time: least, ms | median, ms |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        Row("ONNX Runtime alone, numbers to scores", theirs);
        Row("the same, awaited from a thread of its own", elsewhere);
        Row("OnnxRequestRanker, text to scores", ours);
        Row("of that, text to word pieces", pieces);
        Added("OnnxRequestRanker over ONNX Runtime alone", ours, theirs);
        Added("a thread of its own over ONNX Runtime alone", elsewhere, theirs);
        Added("OnnxRequestRanker over a thread of its own", ours, elsewhere);

        Sample Direct()
        {
            (TimeSpan work, long start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            session.RunWithBinding(run, binding);
            return Sample.Since(work, start);
        }

        async Task<Sample> ElsewhereAsync()
        {
            (TimeSpan work, long start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            await Task.Factory.StartNew(() => session.RunWithBinding(run, binding), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return Sample.Since(work, start);
        }

        Sample Cut()
        {
            Span<int> room = stackalloc int[Tokens];
            (TimeSpan work, long start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            foreach (RankingInput prompt in prompts)
                tokenizer.Encode(prompt.Prompt.Span, room);
            return Sample.Since(work, start);
        }

        async Task<Sample> RankAsync()
        {
            (TimeSpan work, long start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            await ranker.RankAsync(prompts, ranked, CancellationToken.None);
            return Sample.Since(work, start);
        }
    }

    private static OnnxRequestRanker Load(string path) => OnnxRequestRanker.Load(path, new OnnxRankerOptions { UseCuda = false, MaxBatchSize = Batch });

    private static double Wall(Sample sample) => sample.WallMilliseconds;

    private static double Work(Sample sample) => sample.WorkMilliseconds;

    private static void Row(string name, List<Sample> samples) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {samples.Min(Wall):F2} | {At(samples.Select(Wall), 0.5):F2} | {samples.Min(Work):F2} | {At(samples.Select(Work), 0.5):F2} |"));

    /// <summary>In per cent, of the least and within each turn: a slow moment of the machine falls on both.</summary>
    private static void Added(string name, List<Sample> one, List<Sample> other)
    {
        double Ratio(Func<Sample, double> time, double share) => 100 * (At(one.Zip(other, (a, b) => time(a) / time(b)), share) - 1);
        double Least(Func<Sample, double> time) => 100 * (one.Min(time) / other.Min(time) - 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| added by {name}, %: of the least; median of the ratios (quartiles) | {Least(Wall):F1} | {Ratio(Wall, 0.5):F1} ({Ratio(Wall, 0.25):F1} to {Ratio(Wall, 0.75):F1}) | {Least(Work):F1} | {Ratio(Work, 0.5):F1} ({Ratio(Work, 0.25):F1} to {Ratio(Work, 0.75):F1}) |"));
    }

    private static double At(IEnumerable<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count() - 1)));

    /// <summary>One batch: its wall time, and the processor time of the whole process meanwhile.</summary>
    private readonly record struct Sample(double WallMilliseconds, double WorkMilliseconds)
    {
        public static Sample Since(TimeSpan work, long start) => new(Stopwatch.GetElapsedTime(start).TotalMilliseconds, (Environment.CpuUsage.TotalTime - work).TotalMilliseconds);
    }

    private static string Word(int number) => $"w{number}";

    private static long[] Ids(string path, RankingInput[] prompts)
    {
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Read(Path.Combine(Path.GetDirectoryName(path)!, "vocab.txt"));
        int[] ids = new int[Tokens];
        var all = new long[Batch * Tokens];
        for (int i = 0; i < prompts.Length; i++)
        {
            if (tokenizer.Encode(prompts[i].Prompt.Span, ids) != Tokens)
                throw new InvalidOperationException("A prompt is too short.");
            for (int j = 0; j < Tokens; j++)
                all[i * Tokens + j] = ids[j];
        }

        return all;
    }

    private static long[] Ones()
    {
        var ones = new long[Batch * Tokens];
        Array.Fill(ones, 1);
        return ones;
    }
}
