namespace LlmScheduling;

/// <summary>The derivatives of a loss by the scores of one block, over all pairs in the block that say something.</summary>
/// <remarks>
/// A truncated answer is only known to be longer than some length. It takes part where the other one is known to be at most that
/// long, and then as the longer one. Pairs that differ by less than a share of the longer one are left out (PARS, arXiv
/// 2510.03243, pair construction: 0.2), but in the listwise loss, which has no pairs, and the pointwise one.
/// </remarks>
internal sealed class BlockLoss(RankerLoss loss, double minGap)
{
    private const double LowestPower = -600;

    /// <summary>Adds the derivative by every score to <paramref name="slopes"/>, which is cleared first.</summary>
    /// <param name="targets">Length in tokens, and whether it was truncated there.</param>
    /// <param name="scores">Scores, in the same order.</param>
    /// <param name="slopes">Written.</param>
    public void Slopes(ReadOnlySpan<LengthTarget> targets, ReadOnlySpan<float> scores, Span<float> slopes)
    {
        slopes.Clear();
        switch (loss)
        {
            case RankerLoss.ListMle:
                Listwise(targets, scores, slopes);
                break;
            case RankerLoss.Pointwise:
                Pointwise(targets, scores, slopes);
                break;
            default:
                Pairwise(targets, scores, slopes);
                break;
        }
    }

    private void Pairwise(ReadOnlySpan<LengthTarget> targets, ReadOnlySpan<float> scores, Span<float> slopes)
    {
        float share = 1f / Math.Max(1, targets.Length - 1);
        ReadOnlySpan<double> powers = loss == RankerLoss.Margin ? [] : Powers(scores, stackalloc double[scores.Length]);
        for (int i = 0; i < targets.Length; i++)
        {
            for (int j = 0; j < targets.Length; j++)
            {
                if (!targets[i].IsLongerThan(targets[j], minGap))
                    continue;
                float pull = loss == RankerLoss.Margin
                    ? (scores[i] - scores[j] < 1 ? share : 0)
                    : (float)(share * (powers[j] / (powers[i] + powers[j])));
                slopes[i] -= pull;
                slopes[j] += pull;
            }
        }
    }

    // The likelihood that each known answer is drawn as the shortest among itself and those known to be longer.
    private static void Listwise(ReadOnlySpan<LengthTarget> targets, ReadOnlySpan<float> scores, Span<float> slopes)
    {
        ReadOnlySpan<double> powers = Powers(scores, stackalloc double[scores.Length]);
        for (int i = 0; i < targets.Length; i++)
        {
            if (targets[i].IsTruncated)
                continue;
            double sum = 1;
            for (int j = 0; j < targets.Length; j++)
                sum += targets[j].IsLongerThan(targets[i], 0) ? powers[i] / powers[j] : 0;
            for (int j = 0; j < targets.Length; j++)
            {
                if (!targets[j].IsLongerThan(targets[i], 0))
                    continue;
                float pull = (float)(powers[i] / powers[j] / sum);
                slopes[i] += pull;
                slopes[j] -= pull;
            }
        }
    }

    // e^score over that of the highest, one for each score instead of one for each pair: e^(a - b) is e^a / e^b.
    // The lowest is bounded, so that no pair is 0 / 0.
    private static ReadOnlySpan<double> Powers(ReadOnlySpan<float> scores, Span<double> powers)
    {
        float highest = float.NegativeInfinity;
        foreach (float score in scores)
            highest = Math.Max(highest, score);
        for (int i = 0; i < scores.Length; i++)
            powers[i] = PortableMath.Exp(Math.Max(LowestPower, scores[i] - highest));
        return powers;
    }

    private static void Pointwise(ReadOnlySpan<LengthTarget> targets, ReadOnlySpan<float> scores, Span<float> slopes)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            float error = scores[i] - targets[i].StandardLog;
            slopes[i] = targets[i].IsTruncated ? Math.Min(0, error) : error;
        }
    }
}
