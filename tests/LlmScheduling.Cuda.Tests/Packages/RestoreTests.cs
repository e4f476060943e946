namespace LlmScheduling.Cuda.Tests;

/// <summary>The project file restored against sources that do and do not hold ONNX Runtime.</summary>
public sealed class RestoreTests
{
    private const string Gpu = "Microsoft.ML.OnnxRuntime.Gpu", Shell = "npm is played by a shell script";

    [Fact]
    public void Restore_WhereTheSourceHoldsThePackage_TakesItAndMakesNothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), Shell);
        using var copy = new RestoreCopy();
        copy.AddStandIn(Gpu);
        (int status, string output) = copy.Restore("exit 1");
        Assert.True(status == 0, output);
        Assert.Contains($"{Gpu}/{copy.Version}", copy.Resolved());
        Assert.Equal(copy.Source, copy.SourceOf(Gpu));
        Assert.Empty(copy.MadePackages);
        Assert.False(copy.NpmWasAsked, output);
        Assert.Equal("", copy.Missing);
    }

    [Fact]
    public void Restore_WhereNobodyHoldsThePackage_LeavesItOutAndSaysWhy_UntilSomebodyDoes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), Shell);
        using var copy = new RestoreCopy();
        foreach ((string npm, string reason) in new[] { ("echo no network >&2; exit 1", "no network"), ("echo other > \"$4/other.tgz\"", "npm delivered another ") })
        {
            (int withoutIt, string said) = copy.Restore(npm);
            Assert.True(withoutIt == 0, said);
            Assert.True(copy.NpmWasAsked, said);
            Assert.DoesNotContain(copy.Resolved(), library => library.StartsWith(Gpu, StringComparison.Ordinal));
            Assert.Empty(copy.MadePackages);
            Assert.Contains(reason, copy.Missing, StringComparison.Ordinal);
            Assert.Contains("ONNX Runtime is missing", said, StringComparison.Ordinal);
        }

        copy.AddStandIn(Gpu);
        (int status, string output) = copy.Restore("exit 1");
        Assert.True(status == 0, output);
        Assert.Contains($"{Gpu}/{copy.Version}", copy.Resolved());
        Assert.Equal("", copy.Missing);
    }
}
