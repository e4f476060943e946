using System.Text.Json;
using LlmScheduling.Cuda.Tests;

namespace LlmScheduling.GpuProof;

/// <summary>Which provider ran which node of BERT-base, from ONNX Runtime's own profile.</summary>
internal static class ProviderAssignments
{
    private const string Cuda = "CUDAExecutionProvider";

    // The arithmetic. What computes shapes belongs on the CPU.
    private static readonly string[] Heavy = ["MatMul", "Gemm", "LayerNormalization", "SkipLayerNormalization", "Softmax", "FusedMatMul", "Attention", "MultiHeadAttention"];

    public static Task RunAsync(ProofReport report, bool isSmall)
    {
        if (DirectSession.WhyNoCuda is { } reason)
        {
            report.NotShown("ONNX Runtime's profile names CUDA as the provider of every matrix product", reason);
            return Task.CompletedTask;
        }

        using var files = new EncoderFiles("BERT-base", isSmall ? EncoderFiles.Small() : EncoderFiles.Base());
        string profile;
        using (var session = new DirectSession(files, files.Prompts(8, seed: 2), 128, isProfiled: true))
        {
            session.Run();
            profile = session.EndProfiling();
        }

        List<(string Provider, string Operation, long Microseconds)> nodes = Nodes(profile);
        report.Table("provider", "operation", "runs", "µs");
        foreach (var group in nodes.GroupBy(node => (node.Provider, node.Operation)).OrderByDescending(group => group.Sum(node => node.Microseconds)))
            report.Row($"{group.Key.Provider}", $"{group.Key.Operation}", $"{group.Count()}", $"{group.Sum(node => node.Microseconds)}");
        int heavy = nodes.Count(node => Heavy.Contains(node.Operation)), onCuda = nodes.Count(node => Heavy.Contains(node.Operation) && node.Provider == Cuda);
        report.Claim(heavy > 0 && heavy == onCuda, $"in ONNX Runtime's profile of one run, CUDA ran {onCuda} of {heavy} matrix products, softmaxes and layer norms");
        return Task.CompletedTask;
    }

    private static List<(string Provider, string Operation, long Microseconds)> Nodes(string profile)
    {
        var nodes = new List<(string, string, long)>();
        using JsonDocument events = JsonDocument.Parse(File.ReadAllBytes(profile));
        foreach (JsonElement entry in events.RootElement.EnumerateArray())
        {
            if (entry.TryGetProperty("args", out JsonElement about) && about.TryGetProperty("provider", out JsonElement provider) && about.TryGetProperty("op_name", out JsonElement operation))
                nodes.Add((provider.GetString()!, operation.GetString()!, entry.GetProperty("dur").GetInt64()));
        }

        return nodes;
    }
}
