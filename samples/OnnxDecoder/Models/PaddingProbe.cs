namespace OnnxDecoder;

/// <summary>
/// Finds out how a model may be run over sequences of different lengths at once, since no file says so: two short ones are
/// decoded together and alone, and must get the same scores.
/// </summary>
internal static class PaddingProbe
{
    /// <summary>Part of the spread of the scores by which they may differ: more than rounding to Float16 makes, less than a wrong token does.</summary>
    private const float Tolerance = 0.02f;

    /// <summary>The first side at which padding changes nothing.</summary>
    public static PaddingSide Find(CausalModel model, KvShape kv) =>
        Passes(model, kv, PaddingSide.Left) ? PaddingSide.Left : Passes(model, kv, PaddingSide.Right) ? PaddingSide.Right : PaddingSide.None;

    private static bool Passes(CausalModel model, KvShape kv, PaddingSide padding)
    {
        var cache = new KvCache(kv, blockTokens: 8, totalBlocks: 4);
        Sequence[] together = [Short(), Long()], alone = [Short(), Long()];
        float[] expected = new float[2 * model.Vocabulary], found = new float[2 * model.Vocabulary];
        for (int i = 0; i < 2; i++)
        {
            int prompt = alone[i].Tokens.Count - 1;
            model.Run([together[i]], prompt, cache, padding, found);
            model.Run([alone[i]], prompt, cache, padding, found);
            model.Run([alone[i]], 1, cache, padding, expected.AsSpan(i * model.Vocabulary));
        }

        model.Run(together, 1, cache, padding, found);
        float most = (expected.Max() - expected.Min()) * Tolerance;
        return expected.Zip(found).All(pair => Math.Abs(pair.First - pair.Second) <= most);

        static Sequence Short() => new([5, 6, 7], new Random(0));
        static Sequence Long() => new([11, 10, 9, 8, 7, 6, 5, 4], new Random(0));
    }
}
