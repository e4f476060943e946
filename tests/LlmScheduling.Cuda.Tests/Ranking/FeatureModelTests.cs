using LlmScheduling.Testing;

namespace LlmScheduling.Cuda.Tests;

public sealed class FeatureModelTests
{
    private static readonly string[] Prompts = ["", "x", "Write a long story about a dragon.", "List 10 steps:\n1. def f(x): return 2?", "東京の天気は?", string.Concat(Enumerable.Repeat("long prompt number 7, ", 900))];

    [Theory]
    [InlineData(false, 1e-4)]
    [InlineData(true, 5e-2)]
    public async Task RankAsync_OfAFeatureModel_IsWhatDoublePrecisionSays(bool isHalf, double tolerance)
    {
        var model = new FeatureModel();
        using var folder = new ModelFolder(FeatureModel.ToOnnx(model, isHalf ? OnnxType.Half : OnnxType.Float));
        using OnnxRequestRanker ranker = folder.Load();
        OnnxScoreTests.AssertClose([.. Prompts.Select(model.Score)], await ModelFolder.ScoresAsync(ranker, Prompts), tolerance);
    }

    [Fact]
    public void OnnxRequestRanker_OfAFeatureModel_KeepsTheLaws()
    {
        using var folder = new ModelFolder(FeatureModel.ToOnnx(new FeatureModel()));
        RankerLaws.Check(() => folder.Load());
    }

    [Theory]
    [InlineData(null, "10", 0, "llm_scheduling.feature_version: found nothing")]
    [InlineData("2", "10", 0, "llm_scheduling.feature_version: found 2")]
    [InlineData("1", null, 0, "llm_scheduling.feature_bits: found nothing")]
    [InlineData("1", "3", 0, "llm_scheduling.feature_bits: found 3")]
    [InlineData("1", "11", 0, "whose embedding has a row for each")]
    [InlineData("1", "10", -1, "field dense: found")]
    public void Load_OfFeaturesThatDoNotFit_SaysWhichOnesDo(string? version, string? bits, int moreDense, string expected)
    {
        using var folder = new ModelFolder(FeatureModel.ToOnnx(new FeatureModel(), OnnxType.Float, version, bits, DenseFeatures.Count + moreDense));
        string message = Assert.Throws<InputException>(() => folder.Load()).Message;
        Assert.True(message.Contains(expected, StringComparison.Ordinal), message);
    }
}
