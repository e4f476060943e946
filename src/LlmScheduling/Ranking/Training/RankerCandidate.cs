namespace LlmScheduling;

/// <summary>Weights that might become the ranker, and how they order prompts that were held out from them.</summary>
/// <param name="Kind">What they score by.</param>
/// <param name="Weights">The weights.</param>
/// <param name="HeldOut">The score of every row by weights that had not seen it; NaN for rows that were never held out.</param>
internal sealed record RankerCandidate(RankerKind Kind, RankerWeights Weights, float[] HeldOut)
{
    /// <summary>How well the held-out scores order the rows whose whole length is known.</summary>
    public RankingAccuracy Accuracy(LengthTarget[] targets)
    {
        int[] rows = [.. Enumerable.Range(0, targets.Length).Where(row => !targets[row].IsTruncated && !float.IsNaN(HeldOut[row]))];
        return RankingAccuracy.Of([.. rows.Select(row => targets[row].Tokens)], [.. rows.Select(row => (double)HeldOut[row])]);
    }

    /// <summary>The sum of both, which may use words as soon as one of them does.</summary>
    public RankerCandidate With(RankerCandidate other)
    {
        var sum = new RankerWeights(Weights.Bits);
        sum.Add(Weights, 0.5f);
        for (int i = 0; i < sum.Dense.Length; i++)
            sum.Dense[i] += 0.5f * other.Weights.Dense[i];
        return new RankerCandidate(Kind, sum, [.. HeldOut.Zip(other.HeldOut, (one, two) => 0.5f * (one + two))]);
    }

    /// <summary>Longer prompts first, or last.</summary>
    public static RankerCandidate ByLength(FeatureRows rows, int count, RankerKind kind, float[] sameRows)
    {
        PromptFeatureRanker ranker = PromptFeatureRanker.OfPromptLength(LengthCalibration.None, new PromptRankerCard { Kind = kind });
        FeatureRows dense = rows.OnlyDense();
        return new RankerCandidate(kind, ranker.Weights, [.. Enumerable.Range(0, count).Select(row => float.IsNaN(sameRows[row]) ? float.NaN : dense.Score(ranker.Weights, row))]);
    }
}
