using LlmScheduling.Cuda.Tests;

namespace LlmScheduling.GpuProof;

/// <summary>Scores on CUDA against those on the CPU, which tests compare with a forward pass in double precision.</summary>
internal static class RankerAgreement
{
    private const int Prompts = 64, Tokens = 128;
    private const double Exact = 1e-4, Tf32 = 2e-2, Half = 5e-2;

    public static async Task RunAsync(ProofReport report, bool isSmall)
    {
        report.Line($"{Prompts} prompts of 1 to 200 words; differences are shares of the spread of the CPU's scores. On CUDA, ONNX Runtime multiplies single-precision matrices in TF32 (10 bits of fraction) unless told otherwise; the second column is told otherwise.\n");
        report.Table("encoder", "ranker, CUDA against CPU", "session without TF32 against CPU", "tau-b of the two orders", "prompts one by one against all at once, on CUDA");
        List<(string Name, EncoderShape Shape)> subjects = [("2 layers, 128 wide", EncoderFiles.Small()), ("2 layers, 128 wide, half precision", EncoderFiles.Small(OnnxType.Half))];
        if (!isSmall && DirectSession.WhyNoCuda is null)
            subjects.AddRange([("BERT-base", EncoderFiles.Base()), ("BERT-base, half precision", EncoderFiles.Base(OnnxType.Half))]);
        foreach ((string name, EncoderShape shape) in subjects)
            await CompareAsync(report, name, shape);
    }

    private static async Task CompareAsync(ProofReport report, string name, EncoderShape shape)
    {
        using var files = new EncoderFiles(name, shape);
        RankingInput[] prompts = files.Prompts(Prompts, seed: 1);
        await using OnnxRequestRanker onCpu = OnnxRequestRanker.Load(files.Model, new OnnxRankerOptions { UseCuda = false, CpuThreads = 0 });
        using var failures = new CudaFailures();
        await using OnnxRequestRanker onCuda = OnnxRequestRanker.Load(files.Model, new OnnxRankerOptions { MaxBatchSize = Prompts }, failures);
        if (DirectSession.WhyNoCuda is { } reason)
        {
            float[] alone = await OneByOneAsync(onCuda, prompts);
            Scores self = Scores.Compare(await Scores.OfAsync(onCpu, prompts), alone);
            report.Row($"{name}", $"not shown", $"not shown", $"{self.Tau:f4} (CPU, one by one)", $"not shown");
            report.NotShown($"{name} on CUDA scores as on the CPU", reason);
            return;
        }

        float[] expected = await Scores.OfAsync(onCpu, prompts), found = await Scores.OfAsync(onCuda, prompts);
        Scores ranked = Scores.Compare(expected, found), oneByOne = Scores.Compare(found, await OneByOneAsync(onCuda, prompts));
        using var session = new DirectSession(files, prompts, Tokens, useTf32: false);
        Scores exact = Scores.Compare(expected, session.Run());
        report.Row($"{name}", $"{ranked.Largest:e1}", $"{exact.Largest:e1}", $"{ranked.Tau:f4}", $"{oneByOne.Largest:e1}");
        bool isHalf = shape.WeightType == OnnxType.Half;
        report.Claim(failures.AllRanOnCuda(onCuda), $"{name}: the ranker ran every batch on CUDA{failures}");
        report.Claim(exact.Largest <= (isHalf ? Half : Exact), $"{name}: without TF32, scores on CUDA differ from the CPU's by at most {(isHalf ? Half : Exact):e0} of their spread");
        report.Claim(failures.AllRanOnCuda(onCuda) && ranked.Largest <= (isHalf ? Half : Tf32), $"{name}: the ranker's scores on CUDA differ from the CPU's by at most {(isHalf ? Half : Tf32):e0} of their spread");
    }

    private static async Task<float[]> OneByOneAsync(OnnxRequestRanker ranker, RankingInput[] prompts)
    {
        var scores = new float[prompts.Length];
        for (int i = 0; i < prompts.Length; i++)
            await ranker.RankAsync(prompts.AsMemory(i, 1), scores.AsMemory(i, 1), CancellationToken.None);
        return scores;
    }
}
