using LlmScheduling.Testing;

namespace LlmScheduling.Cuda.Tests;

public sealed class OnnxRankerLawsTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(3)]
    public void OnnxRequestRanker_OfAnEncoder_KeepsTheLaws(int maxBatch)
    {
        using var folder = new ModelFolder(new EncoderShape());
        RankerLaws.Check(() => folder.Load(new OnnxRankerOptions { UseCuda = false, MaxBatchSize = maxBatch }));
    }
}
