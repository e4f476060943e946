using System.Text.Json;

namespace LlmScheduling.GpuProof;

/// <summary>A model that samples/BertRanker trained on the same machine, with the scores that PyTorch gave, which the ranker must give again.</summary>
internal static class TrainedModel
{
    private const double Tf32 = 2e-2, Exact = 1e-4;

    public static async Task RunAsync(ProofReport report, string? folder)
    {
        if (folder is null)
        {
            report.NotShown("a model that was trained and exported here is scored as PyTorch scores it", "there is no Python with torch and onnx here");
            return;
        }

        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "result.json")));
        float[] expected = [.. result.RootElement.GetProperty("scores").EnumerateArray().Select(row => row.GetProperty("score").GetSingle())];
        RankingInput[] prompts = [.. File.ReadLines(Path.Combine(folder, "score.jsonl")).Select((line, i) => new RankingInput(new RequestId(i), JsonDocument.Parse(line).RootElement.GetProperty("prompt").GetString().AsMemory(), 1, 1, ""))];
        report.Line($"PyTorch {File.ReadAllText(Path.Combine(folder, "torch.txt")).Trim()}, device {result.RootElement.GetProperty("device").GetString()}, held-out tau-b {result.RootElement.GetProperty("held_out").GetProperty("kendall_tau_b").GetDouble():f3}.");
        string model = Path.Combine(folder, "made", "ranker.onnx");
        await using OnnxRequestRanker onCpu = OnnxRequestRanker.Load(model, new OnnxRankerOptions { UseCuda = false });
        using var failures = new CudaFailures();
        await using OnnxRequestRanker onCuda = OnnxRequestRanker.Load(model, loggerFactory: failures);
        // PyTorch's own scores are those of its device, where it may have used fewer bits.
        bool isExact = result.RootElement.GetProperty("device").GetString() == "cpu";
        Scores cpu = Scores.Compare(expected, await Scores.OfAsync(onCpu, prompts)), cuda = Scores.Compare(expected, await Scores.OfAsync(onCuda, prompts));
        report.Claim(cpu.Largest <= (isExact ? Exact : Tf32), $"the ranker on the CPU differs from PyTorch by {cpu.Largest:e1} of the scores' spread");
        if (onCuda.RunsOnCuda)
            report.Claim(failures.AllRanOnCuda(onCuda) && cuda.Largest <= Tf32, $"the ranker on CUDA differs from PyTorch by {cuda.Largest:e1} of the scores' spread{failures}");
        else
            report.NotShown("the ranker on CUDA scores as PyTorch does", "there is no CUDA");
    }
}
