using LlmScheduling;
using Microsoft.ML.OnnxRuntime;

namespace OnnxDecoder.Tests;

public sealed class CausalModelTests
{
    [Theory]
    [InlineData(OnnxType.Float, 1e-4)]
    [InlineData(OnnxType.Half, 0.02)]
    public void Run_InChunksAndBesideOthers_ScoresAsTheModelAlone(OnnxType type, double tolerance)
    {
        using var folder = new TemporaryModel(new DecoderShape { Type = type });
        using CausalModel model = Open(folder, out ModelInterface layout);
        var cache = new KvCache(layout.Kv, blockTokens: 4, totalBlocks: 64);
        int[][] prompts = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [200], [40, 50, 60, 70]];
        Sequence[] sequences = [.. prompts.Select(prompt => new Sequence(prompt, new Random(0)))];
        float[] logits = new float[3 * model.Vocabulary];
        model.Run([sequences[0]], 6, cache, PaddingSide.Left, logits);
        model.Run([sequences[0]], 5, cache, PaddingSide.Left, logits);
        AssertScores(folder.Decoder, prompts[0], logits.AsSpan(0, model.Vocabulary), tolerance);
        model.Run([sequences[2]], 3, cache, PaddingSide.Left, logits);

        // Eleven, none and three tokens in the cache.
        sequences[0].Tokens.Add(12);
        model.Run(sequences, 1, cache, PaddingSide.Left, logits);
        for (int i = 0; i < 3; i++)
            AssertScores(folder.Decoder, sequences[i].Tokens, logits.AsSpan(i * model.Vocabulary, model.Vocabulary), tolerance);

        // Two tokens of each.
        foreach (Sequence sequence in sequences)
            sequence.Tokens.AddRange([20, 21]);
        model.Run(sequences, 2, cache, PaddingSide.Left, logits);
        for (int i = 0; i < 3; i++)
            AssertScores(folder.Decoder, sequences[i].Tokens, logits.AsSpan(i * model.Vocabulary, model.Vocabulary), tolerance);
        Assert.Equal(64 - (4 + 1 + 2), cache.Free);
    }

    [Fact]
    public void PaddingProbe_FindsWhereAModelTakesPadding()
    {
        Assert.Equal(PaddingSide.Left, Found(new()));
        Assert.Equal(PaddingSide.Left, Found(new() { Type = OnnxType.Half }));
        Assert.Equal(PaddingSide.Left, Found(new() { HasPositions = false }));
        Assert.Equal(PaddingSide.Left, Found(new() { IsQuantized = true, Width = 64, Heads = 8, Layers = 24, Seed = 3 }));
        Assert.Equal(PaddingSide.Right, Found(new() { IsFused = true }));
        Assert.Equal(PaddingSide.None, Found(new() { SeesPadding = true }));
        Assert.Equal(PaddingSide.Alone, Found(new() { IsForOne = true }));

        static PaddingSide Found(DecoderShape shape)
        {
            using var folder = new TemporaryModel(shape);
            using CausalModel model = Open(folder, out ModelInterface layout);
            return PaddingProbe.Find(model, layout.Kv);
        }
    }

    private static CausalModel Open(TemporaryModel folder, out ModelInterface layout)
    {
        InferenceSession session = ModelSession.Open(folder.ModelPath, folder.Options, _ => { });
        layout = new ModelInterface(folder.ModelPath, session);
        return new CausalModel(session, layout);
    }

    private static void AssertScores(TinyDecoder decoder, IEnumerable<int> tokens, ReadOnlySpan<float> found, double tolerance)
    {
        var run = new ReferenceRun(decoder);
        double[] expected = [];
        foreach (int token in tokens)
            expected = run.Next(token);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], tolerance);
    }
}
