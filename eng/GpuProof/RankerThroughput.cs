using System.Diagnostics;
using LlmScheduling.Cuda.Tests;

namespace LlmScheduling.GpuProof;

/// <summary>Prompts a second, by the ranker from text to scores and by ONNX Runtime's own bound loop, in turn; and the ranker's time for one batch.</summary>
internal static class RankerThroughput
{
    private const int Batch = 64, Tokens = 128, Outstanding = 4, Rounds = 5, Texts = 8;
    private const double Least = 0.8;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2), WarmUp = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(ProofReport report, bool isSmall)
    {
        if (DirectSession.WhyNoCuda is { } reason)
        {
            report.NotShown("the ranker reaches 80 % of ONNX Runtime's own bound loop on CUDA", reason);
            return;
        }

        report.Line($"Batches of {Batch} prompts of {Tokens} word pieces; the ranker with {Outstanding} calls under way, each from its text; the loop with its input on the device already. {Rounds} rounds of {Round.TotalSeconds:f0} s in turn; the median.\n");
        report.Table("encoder", "loop, prompts/s", "ranker, prompts/s", "share, %", "ranker, one call alone: p50, ms", "p99, ms");
        foreach (OnnxType weights in new[] { OnnxType.Float, OnnxType.Half })
            await MeasureAsync(report, isSmall ? EncoderFiles.Small(weights) : EncoderFiles.Base(weights), weights == OnnxType.Float ? "single precision (TF32)" : "half precision");
    }

    private static async Task MeasureAsync(ProofReport report, EncoderShape shape, string name)
    {
        using var files = new EncoderFiles(name, shape);
        RankingInput[][] texts = [.. Enumerable.Range(0, Texts).Select(i => files.Prompts(Batch, seed: i, words: Tokens))];
        using var session = new DirectSession(files, texts[0], Tokens);
        using var failures = new CudaFailures();
        await using OnnxRequestRanker ranker = OnnxRequestRanker.Load(files.Model, new OnnxRankerOptions { MaxBatchSize = Batch }, failures);
        Loop(session, WarmUp);
        await RankAsync(ranker, texts, WarmUp);
        var (loop, ranked) = (new List<double>(), new List<double>());
        for (int round = 0; round < Rounds; round++)
        {
            loop.Add(Loop(session, Round));
            ranked.Add(await RankAsync(ranker, texts, Round));
        }

        List<double> alone = await AloneAsync(ranker, texts);
        double share = Median(ranked) / Median(loop);
        report.Row($"{name}", $"{Median(loop):f0}", $"{Median(ranked):f0}", $"{100 * share:f1}", $"{Median(alone):f2}", $"{At(alone, 0.99):f2}");
        report.Claim(failures.AllRanOnCuda(ranker) && share >= Least, $"{name}: the ranker reaches {100 * share:f1} % of the loop's throughput, at least {100 * Least:f0} %{failures}");
    }

    private static double Loop(DirectSession session, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp(), batches = 0;
        for (; Stopwatch.GetElapsedTime(start) < time; batches++)
            session.Run();
        return Batch * batches / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> RankAsync(OnnxRequestRanker ranker, RankingInput[][] texts, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        long[] batches = await Task.WhenAll(Enumerable.Range(0, Outstanding).Select(caller => Task.Run(async () =>
        {
            var scores = new float[Batch];
            long done = 0;
            for (; Stopwatch.GetElapsedTime(start) < time; done++)
                await ranker.RankAsync(texts[(caller + done) % texts.Length], scores, CancellationToken.None);
            return done;
        })));
        return Batch * batches.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<List<double>> AloneAsync(OnnxRequestRanker ranker, RankingInput[][] texts)
    {
        var times = new List<double>();
        var scores = new float[Batch];
        for (int i = 0; i < 200; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await ranker.RankAsync(texts[i % texts.Length], scores, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    }

    private static double Median(List<double> values) => At(values, 0.5);

    private static double At(List<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count - 1)));
}
