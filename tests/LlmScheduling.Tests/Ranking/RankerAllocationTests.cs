using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

[Collection(nameof(CountsAllocations))]
public sealed class RankerAllocationTests
{
    [Fact]
    public void RankAsync_AfterOneCall_AllocatesNothing()
    {
        PromptFeatureRanker ranker = new PromptRankerTrainer().Train(SampleLog.Of(100));
        string[] prompts = ["", "x", "Explain the sea and Mars, number 7.", new string('a', 100_000), string.Concat(Enumerable.Repeat("long prompt 12? ", 600)), "🙂 東京の天気は?"];
        RankingInput[] inputs = [.. prompts.Select((prompt, place) => new RankingInput(new RequestId(place), prompt.AsMemory(), 1, 100, ""))];
        var scores = new float[inputs.Length];
        var estimates = new LengthEstimate[inputs.Length];
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(ranker.RankAsync(inputs, scores, CancellationToken.None).IsCompletedSuccessfully);
            ranker.Predict(inputs, scores, estimates);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
