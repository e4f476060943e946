namespace LlmScheduling;

/// <summary>The weights of a linear ranker: one for every bucket and every dense feature.</summary>
internal sealed class RankerWeights(int bits)
{
    /// <summary>The range of <see cref="Bits"/>.</summary>
    public const int LeastBits = 6, MostBits = 22;

    /// <summary>Buckets, as a power of two.</summary>
    public int Bits { get; } = bits;

    public float[] Buckets { get; } = new float[1 << bits];

    public float[] Dense { get; } = new float[DenseFeatures.Count];

    /// <summary>One sum in one order, so that every machine computes the same bits.</summary>
    public float Score(ReadOnlySpan<int> grams, ReadOnlySpan<int> marks, float gramScale, ReadOnlySpan<float> dense)
    {
        float[] buckets = Buckets;
        float ofGrams = 0, ofMarks = 0, ofDense = 0;
        foreach (int bucket in grams)
            ofGrams += buckets[bucket];
        foreach (int bucket in marks)
            ofMarks += buckets[bucket];
        for (int i = 0; i < dense.Length; i++)
            ofDense += Dense[i] * dense[i];
        return ofGrams * gramScale + ofMarks * PromptFeatures.MarkScale + ofDense;
    }

    public float Score(PromptFeatures features) => Score(features.Grams, features.Marks, features.GramScale, features.Dense);

    /// <summary>Adds <paramref name="share"/> times <paramref name="other"/>.</summary>
    public void Add(RankerWeights other, float share)
    {
        for (int i = 0; i < Buckets.Length; i++)
            Buckets[i] += share * other.Buckets[i];
        for (int i = 0; i < Dense.Length; i++)
            Dense[i] += share * other.Dense[i];
    }
}
