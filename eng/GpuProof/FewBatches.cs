namespace LlmScheduling.GpuProof;

/// <summary>Little work that touches all of the ranker's memory on the device: what compute-sanitizer, which slows everything, is run over.</summary>
internal static class FewBatches
{
    /// <summary>Whether all of it ran on CUDA.</summary>
    public static async Task<bool> RunAsync()
    {
        using var files = new EncoderFiles("small", EncoderFiles.Small());
        using var failures = new CudaFailures();
        await using OnnxRequestRanker ranker = OnnxRequestRanker.Load(files.Model, new OnnxRankerOptions { MaxBatchSize = 8 }, failures);
        foreach (int count in new[] { 1, 8, 20 })
            await Scores.OfAsync(ranker, files.Prompts(count, seed: count));
        return failures.AllRanOnCuda(ranker);
    }
}
