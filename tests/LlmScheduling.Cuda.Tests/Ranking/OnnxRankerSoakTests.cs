using System.Globalization;

namespace LlmScheduling.Cuda.Tests;

/// <summary>A real model under many calls. LLMSCHED_ONNX_BATCHES sets how many batches the leak test runs; 10,000 unless set.</summary>
public sealed class OnnxRankerSoakTests
{
    private const long Slack = 12L << 20;

    private static readonly EncoderShape Small = new() { Layers = 1, Width = 16, Heads = 2 };

    [Fact]
    public async Task RankAsync_TenThousandTimes_KeepsAFlatWorkingSet()
    {
        int batches = int.Parse(Environment.GetEnvironmentVariable("LLMSCHED_ONNX_BATCHES") ?? "10000", CultureInfo.InvariantCulture);
        using var folder = new ModelFolder(Small);
        using OnnxRequestRanker ranker = folder.Load();
        RankingInput[] inputs = ModelFolder.Inputs("write a short story", "list 10 steps : return x", "東京の天気");
        float[] scores = new float[inputs.Length];
        long before = 0;
        for (int i = 0; i < batches; i++)
        {
            if (i == batches / 4)
                before = WorkingSet();
            await ranker.RankAsync(inputs.AsMemory(0, 1 + i % 3), scores, CancellationToken.None);
        }

        long grown = WorkingSet() - before;
        Assert.True(grown < Slack, $"The working set grew by {grown >> 10} KiB over the last three quarters of {batches} batches.");
    }

    [Fact]
    public async Task RankAsync_FromManyThreadsAtOnce_GivesEveryOneItsScores()
    {
        using var folder = new ModelFolder(Small);
        using OnnxRequestRanker ranker = folder.Load(new OnnxRankerOptions { UseCuda = false, MaxBatchSize = 5 });
        string[] prompts = [.. Enumerable.Range(0, 40).Select(i => string.Join(' ', Enumerable.Range(0, 1 + i * 3).Select(j => ModelFolder.Pieces[(i * 7 + j) % ModelFolder.Pieces.Length])))];
        double[] expected = OnnxScoreTests.Reference(folder, Small, 128, prompts);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            for (int round = 0; round < 20; round++)
            {
                int from = (thread * 5 + round * 3) % 36;
                OnnxScoreTests.AssertClose(expected[from..(from + 4)], await ModelFolder.ScoresAsync(ranker, prompts[from..(from + 4)]), 1e-4);
            }
        })));
    }

    [Fact]
    public async Task Dispose_WhileARealModelRuns_EndsEveryCall()
    {
        using var folder = new ModelFolder(new EncoderShape { Layers = 4, Width = 64 });
        for (int round = 0; round < 5; round++)
        {
            OnnxRequestRanker ranker = folder.Load();
            string[] prompts = [.. Enumerable.Repeat(string.Concat(Enumerable.Repeat("long story ", 100)), 64)];
            Task<float[]>[] calls = [.. Enumerable.Range(0, 4).Select(_ => ModelFolder.ScoresAsync(ranker, prompts))];
            await ranker.DisposeAsync();
            foreach (Task<float[]> call in calls)
            {
                try
                {
                    Assert.Equal(64, (await call).Length);
                }
                catch (ObjectDisposedException)
                {
                }
            }
        }
    }

    private static long WorkingSet()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }
}
