using Microsoft.ML.OnnxRuntime;

namespace OnnxDecoder;

/// <summary>
/// Finds out how a model may be run over sequences of different lengths at once, since no file says so: two short ones are
/// decoded together and alone, and must get the same scores.
/// </summary>
internal sealed class PaddingProbe
{
    /// <summary>
    /// Part of the spread of the scores by which they may differ. Models of random weights with up to 48 layers: rounding all
    /// activations of a run to bytes together makes up to 0.013, padding at the wrong side 0.13 and more.
    /// </summary>
    private const float Tolerance = 0.05f;

    private readonly CausalModel _model;
    private readonly KvCache _cache;
    private readonly Sequence[] _sequences = [new([5, 6, 7], new Random(0)), new([11, 10, 9, 8, 7, 6, 5, 4], new Random(0)), new([10, 4, 8], new Random(0))];
    private readonly float[] _alone, _together;

    private PaddingProbe(CausalModel model, KvShape kv)
    {
        (_model, _cache) = (model, new KvCache(kv, blockTokens: 8, totalBlocks: 3));
        (_alone, _together) = (new float[3 * model.Vocabulary], new float[2 * model.Vocabulary]);
        Begin();
        for (int i = 0; i < 3; i++)
            model.Run([_sequences[i]], 1, _cache, PaddingSide.None, _alone.AsSpan(i * model.Vocabulary));
    }

    /// <summary>The first side at which padding changes nothing.</summary>
    /// <exception cref="OnnxRuntimeException">The model fails on a sequence alone.</exception>
    public static PaddingSide Find(CausalModel model, KvShape kv)
    {
        var probe = new PaddingProbe(model, kv);
        return probe.Passes(PaddingSide.Left, beside: 1) ? PaddingSide.Left
            : probe.Passes(PaddingSide.Right, beside: 1) ? PaddingSide.Right
            : probe.Passes(PaddingSide.None, beside: 2) ? PaddingSide.None
            : PaddingSide.Alone;
    }

    /// <summary>Whether the first sequence and another score together as they do alone.</summary>
    private bool Passes(PaddingSide padding, int beside)
    {
        Begin();
        try
        {
            _model.Run([_sequences[0], _sequences[beside]], 1, _cache, padding, _together);
        }
        catch (OnnxRuntimeException)
        {
            // It does not take this at all.
            return false;
        }

        float most = (_alone.Max() - _alone.Min()) * Tolerance;
        IEnumerable<float> expected = _alone.Take(_model.Vocabulary).Concat(_alone.Skip(beside * _model.Vocabulary).Take(_model.Vocabulary));
        return expected.Zip(_together).All(pair => Math.Abs(pair.First - pair.Second) <= most);
    }

    /// <summary>Computes all but the last token of each.</summary>
    private void Begin()
    {
        foreach (Sequence sequence in _sequences)
        {
            _cache.Release(sequence);
            _model.Run([sequence], sequence.Tokens.Count - 1, _cache, PaddingSide.None, _together);
        }
    }
}
