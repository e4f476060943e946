namespace LlmScheduling.Cuda.Tests;

/// <summary>Stands for all tests of the ranker where ONNX Runtime cannot be had.</summary>
public sealed class OnnxRuntimeMissingTests
{
    [Fact]
    public void OnnxRuntime_IsMissing_SoTheRankerCannotBeTested()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LlmScheduling.sln")))
            folder = folder.Parent;
        string path = Path.Combine(folder!.FullName, "eng", "OnnxRuntime", "feed", "missing.txt");
        Assert.Skip(File.Exists(path) ? File.ReadAllText(path) : "ONNX Runtime was missing when this was built; build again.");
    }
}
