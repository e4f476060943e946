using System.Security.Cryptography;

namespace LlmScheduling.Cuda.Tests.Annealing;

public sealed class AnnealingPtxTests
{
    private static readonly string Committed = File.ReadAllText(Path.Combine(KernelCompiler.Folder, "annealing.ptx"));

    [Fact]
    public void Ptx_Committed_IsOfTheSource()
    {
        string source = File.ReadAllText(Path.Combine(KernelCompiler.Folder, "annealing.cu")).ReplaceLineEndings("\n");
        string hash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(source)));
        Assert.Contains($"sha256 {hash}", Committed.Split('\n')[0]);
    }

    [Fact]
    public void Ptx_Embedded_IsTheCommittedOne()
    {
        using Stream resource = typeof(CudaAnnealer).Assembly.GetManifestResourceStream("annealing.ptx")!;
        Assert.Equal(Committed, new StreamReader(resource).ReadToEnd());
        Assert.Contains($".visible .entry {ChainSearch.Entry}(", Committed);
        Assert.Contains($".maxntid {ChainLayout.MostLanes}, 1, 1", Committed);
    }

    [Fact]
    public unsafe void Ptx_Parameter_IsAsLargeAsTheStructure() =>
        Assert.Contains($".param .align 8 .b8 annealing_chains_param_0[{sizeof(ChainLaunch)}]", Committed);

    [Fact]
    public void Ptx_Arithmetic_IsNowhereFused() => Assert.DoesNotContain("fma", Committed);

    [Fact]
    public void Build_WithClang19_MakesTheCommittedPtx()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "build.sh is for a POSIX shell.");
        Assert.SkipWhen(KernelCompiler.Run("clang-19", "--version") is null, "No clang-19 on the path: the committed PTX is only compared with the hash of its source.");
        string rebuilt = Path.Combine(AppContext.BaseDirectory, $"rebuilt.{Environment.ProcessId}.ptx");
        (int exitCode, string printed) = KernelCompiler.Run(Path.Combine(KernelCompiler.Folder, "build.sh"), rebuilt)!.Value;
        Assert.True(exitCode == 0, printed);
        Assert.Equal(Committed, File.ReadAllText(rebuilt));
    }
}
