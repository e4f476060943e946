namespace LlmScheduling.Cuda.Tests;

/// <summary>Scores against the same forward pass in double precision.</summary>
public sealed class OnnxScoreTests
{
    private const double Tolerance = 1e-4;

    private static readonly string[] Prompts =
    [
        "", "write a short story", "explain why the sky is blue", "list 10 steps", "東京の天気", "def main(): return x + 1;", string.Concat(Enumerable.Repeat("long prompts ", 40)),
        string.Concat(Enumerable.Repeat("tests ", 500)), "how many steps?", "unknown words here",
    ];

    [Theory]
    [InlineData(true, false, 2)]
    [InlineData(false, true, 1)]
    public async Task RankAsync_OfAnEncoder_IsWhatDoublePrecisionSays(bool hasTokenTypes, bool isInt32, int outputRank)
    {
        var shape = new EncoderShape { HasTokenTypes = hasTokenTypes, IdType = isInt32 ? OnnxType.Int32 : OnnxType.Int64, OutputRank = outputRank };
        using var folder = new ModelFolder(shape);
        using OnnxRequestRanker ranker = folder.Load();
        AssertClose(Reference(folder, shape), await ModelFolder.ScoresAsync(ranker, Prompts), Tolerance);
    }

    [Fact]
    public async Task RankAsync_OfHalfPrecisionOutput_IsReadAsSuch()
    {
        var shape = new EncoderShape { OutputType = OnnxType.Half };
        using var folder = new ModelFolder(shape);
        using OnnxRequestRanker ranker = folder.Load();
        AssertClose(Reference(folder, shape), await ModelFolder.ScoresAsync(ranker, Prompts), 2e-3);
    }

    [Fact]
    public async Task RankAsync_OfHalfPrecisionWeights_IsNearlyTheSame()
    {
        var shape = new EncoderShape { WeightType = OnnxType.Half };
        using var folder = new ModelFolder(shape);
        using OnnxRequestRanker ranker = folder.Load();
        double[] expected = Reference(folder, shape);
        double largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(await ModelFolder.ScoresAsync(ranker, Prompts)), pair => Assert.Equal(pair.First, pair.Second, 0.02 * largest));
    }

    [Fact]
    public async Task RankAsync_OfAFixedLength_PadsToIt()
    {
        var shape = new EncoderShape { FixedLength = 32 };
        using var folder = new ModelFolder(shape);
        using OnnxRequestRanker ranker = folder.Load();
        AssertClose(Reference(folder, shape, 32), await ModelFolder.ScoresAsync(ranker, Prompts), Tolerance);
    }

    [Fact]
    public async Task RankAsync_OfFewerTokens_ReadsTheBeginning()
    {
        var shape = new EncoderShape();
        using var folder = new ModelFolder(shape);
        using OnnxRequestRanker ranker = folder.Load(new OnnxRankerOptions { UseCuda = false, MaxTokens = 24 });
        AssertClose(Reference(folder, shape, 24), await ModelFolder.ScoresAsync(ranker, Prompts), Tolerance);
    }

    [Fact]
    public async Task RankAsync_OfAModelThatScoresShortAnswersHigher_TurnsTheSign()
    {
        using var longer = new ModelFolder(new EncoderShape());
        using var shorter = new ModelFolder(new EncoderShape { Direction = "shorter" });
        using OnnxRequestRanker one = longer.Load(), other = shorter.Load();
        float[] scores = await ModelFolder.ScoresAsync(one, Prompts);
        Assert.Equal(scores.Select(score => -score), await ModelFolder.ScoresAsync(other, Prompts));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(32)]
    public async Task RankAsync_InBatchesOfAnySize_GivesTheSameOrder(int maxBatch)
    {
        using var folder = new ModelFolder(new EncoderShape());
        using OnnxRequestRanker all = folder.Load(), some = folder.Load(new OnnxRankerOptions { UseCuda = false, MaxBatchSize = maxBatch });
        float[] together = await ModelFolder.ScoresAsync(all, Prompts), split = await ModelFolder.ScoresAsync(some, Prompts);
        Assert.Equal(Order(together), Order(split));
        AssertClose([.. together.Select(score => (double)score)], split, 1e-5);
    }

    internal static double[] Reference(ModelFolder folder, EncoderShape shape, int tokens = 128, string[]? prompts = null)
    {
        var encoder = new TinyEncoder(shape);
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Read(folder.VocabularyFile);
        int[] ids = new int[tokens];
        return [.. (prompts ?? Prompts).Select(prompt => encoder.Score(ids.AsSpan(0, tokenizer.Encode(prompt, ids))))];
    }

    internal static void AssertClose(double[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1e-2, Math.Abs(expected[i])), $"Prompt {i}: {actual[i]:r} instead of {expected[i]:r}.");
    }

    private static int[] Order(float[] scores) => [.. Enumerable.Range(0, scores.Length).OrderBy(i => scores[i])];
}
