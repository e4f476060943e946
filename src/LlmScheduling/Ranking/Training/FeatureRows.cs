namespace LlmScheduling;

/// <summary>The features of many prompts, read once.</summary>
internal sealed class FeatureRows
{
    private readonly int[][] _buckets;
    private readonly int[] _gramCounts;
    private readonly float[] _gramScales;
    private readonly float[] _dense;

    public FeatureRows(IReadOnlyList<ReadOnlyMemory<char>> prompts, int bits)
    {
        var features = new PromptFeatures(bits);
        _buckets = new int[prompts.Count][];
        _gramCounts = new int[prompts.Count];
        _gramScales = new float[prompts.Count];
        _dense = new float[prompts.Count * DenseFeatures.Count];
        for (int row = 0; row < prompts.Count; row++)
        {
            features.Read(prompts[row].Span);
            _buckets[row] = [.. features.Grams, .. features.Marks];
            _gramCounts[row] = features.Grams.Length;
            _gramScales[row] = features.GramScale;
            features.Dense.CopyTo(_dense.AsSpan(row * DenseFeatures.Count));
        }
    }

    private FeatureRows(FeatureRows rows)
    {
        _buckets = new int[rows._buckets.Length][];
        Array.Fill(_buckets, []);
        (_gramCounts, _gramScales, _dense) = (new int[_buckets.Length], rows._gramScales, rows._dense);
    }

    /// <summary>The same prompts without their words: dense features alone.</summary>
    public FeatureRows OnlyDense() => new(this);

    public ReadOnlySpan<int> Grams(int row) => _buckets[row].AsSpan(0, _gramCounts[row]);

    public ReadOnlySpan<int> Marks(int row) => _buckets[row].AsSpan(_gramCounts[row]);

    public float GramScale(int row) => _gramScales[row];

    public ReadOnlySpan<float> Dense(int row) => _dense.AsSpan(row * DenseFeatures.Count, DenseFeatures.Count);

    public float Score(RankerWeights weights, int row) => weights.Score(Grams(row), Marks(row), GramScale(row), Dense(row));
}
