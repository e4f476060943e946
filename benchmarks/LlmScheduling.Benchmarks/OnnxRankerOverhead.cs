using System.Diagnostics;
using System.Globalization;
using System.Text;
using LlmScheduling.Cuda.Tests;
using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling.Benchmarks;

/// <summary>
/// What a ranker adds to ONNX Runtime: 32 prompts of 128 word pieces through a 2-layer, 128-wide encoder, by
/// <see cref="OnnxRequestRanker"/> from text to scores, and by a session that is handed the same numbers, in turn, on one thread each.
/// </summary>
internal static class OnnxRankerOverhead
{
    private const int Batch = 32, Tokens = 128, Warmup = 10, Rounds = 100, Words = 1_000;

    private static readonly EncoderShape Shape = new() { Layers = 2, Width = 128, Heads = 4, Words = Words + 4, HasTokenTypes = false };

    public static async Task RunAsync()
    {
        string folder = Directory.CreateTempSubdirectory("onnx-ranker-").FullName;
        try
        {
            string path = Path.Combine(folder, "ranker.onnx");
            File.WriteAllBytes(path, new TinyEncoder(Shape).ToOnnx());
            File.WriteAllText(Path.Combine(folder, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n" + string.Concat(Enumerable.Range(0, Words).Select(i => $"{Word(i)}\n")), new UTF8Encoding(false));
            await MeasureAsync(path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string path)
    {
        var random = new Random(1);
        RankingInput[] prompts = [.. Enumerable.Range(0, Batch).Select(i => new RankingInput(new RequestId(i), string.Join(' ', Enumerable.Range(0, Tokens).Select(_ => Word(random.Next(Words)))).AsMemory(), Tokens, 1, ""))];
        await using OnnxRequestRanker ranker = OnnxRequestRanker.Load(path, new OnnxRankerOptions { UseCuda = false, MaxBatchSize = Batch });
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(path, options);
        using OrtIoBinding binding = session.CreateIoBinding();
        using var run = new RunOptions();
        float[] direct = new float[Batch], ranked = new float[Batch];
        using OrtValue ids = OrtValue.CreateTensorValueFromMemory(Ids(path, prompts), [Batch, Tokens]), mask = OrtValue.CreateTensorValueFromMemory(Ones(), [Batch, Tokens]), scores = OrtValue.CreateTensorValueFromMemory(direct, [Batch, 1]);
        binding.BindInput("input_ids", ids);
        binding.BindInput("attention_mask", mask);
        binding.BindOutput("score", scores);

        var ours = new List<double>();
        var theirs = new List<double>();
        TimeSpan ourWork = TimeSpan.Zero, theirWork = TimeSpan.Zero;
        for (int round = 0; round < Warmup + Rounds; round++)
        {
            TimeSpan work = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            session.RunWithBinding(run, binding);
            double between = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            TimeSpan workBetween = Environment.CpuUsage.TotalTime;
            start = Stopwatch.GetTimestamp();
            await ranker.RankAsync(prompts, ranked, CancellationToken.None);
            double after = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (round < Warmup)
                continue;
            theirs.Add(between);
            ours.Add(after);
            theirWork += workBetween - work;
            ourWork += Environment.CpuUsage.TotalTime - workBetween;
        }

        if (!direct.SequenceEqual(ranked))
            throw new InvalidOperationException("The two ways give different scores.");
        Console.WriteLine("| of a batch, ms | processor time, mean | p10 | p25 | p50 | p75 |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        Row("ONNX Runtime alone, numbers to scores", "0.00", theirWork.TotalMilliseconds / Rounds, at => At(theirs, at));
        Row("OnnxRequestRanker, text to scores", "0.00", ourWork.TotalMilliseconds / Rounds, at => At(ours, at));
        Row("added, %", "0.0", 100 * (ourWork / theirWork - 1), at => 100 * (At(ours, at) / At(theirs, at) - 1));
    }

    private static readonly double[] Shares = [0.1, 0.25, 0.5, 0.75];

    private static void Row(string name, string format, double work, Func<double, double> value) =>
        Console.WriteLine($"| {name} | {string.Join(" | ", Shares.Select(value).Prepend(work).Select(number => number.ToString(format, CultureInfo.InvariantCulture)))} |");

    private static double At(List<double> values, double share) => values.Order().ElementAt((int)(share * values.Count));

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
