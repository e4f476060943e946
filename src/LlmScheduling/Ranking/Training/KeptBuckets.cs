namespace LlmScheduling;

/// <summary>Cuts weights down to the buckets that move scores most.</summary>
internal static class KeptBuckets
{
    /// <summary>
    /// The same weights, but 0 in all buckets except the <paramref name="most"/> that add the largest squares to the scores of
    /// <paramref name="counted"/>, of equals the first.
    /// </summary>
    public static RankerWeights Of(RankerWeights weights, FeatureRows rows, ReadOnlySpan<int> counted, int most)
    {
        float[] buckets = weights.Buckets;
        if (buckets.Length - buckets.AsSpan().Count(0f) <= most)
            return weights;
        double[] squares = new double[buckets.Length];
        const double ofMark = (double)PromptFeatures.MarkScale * PromptFeatures.MarkScale;
        foreach (int row in counted)
        {
            double ofGram = (double)rows.GramScale(row) * rows.GramScale(row);
            foreach (int bucket in rows.Grams(row))
                squares[bucket] += ofGram;
            foreach (int bucket in rows.Marks(row))
                squares[bucket] += ofMark;
        }

        for (int bucket = 0; bucket < squares.Length; bucket++)
            squares[bucket] *= (double)buckets[bucket] * buckets[bucket];
        var kept = new RankerWeights(weights.Bits);
        weights.Dense.CopyTo(kept.Dense.AsSpan());
        foreach (int bucket in Enumerable.Range(0, buckets.Length).OrderByDescending(bucket => squares[bucket]).Take(most))
            kept.Buckets[bucket] = buckets[bucket];
        return kept;
    }
}
