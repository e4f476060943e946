namespace LlmScheduling;

/// <summary>How well scores put answers in the order of their true lengths.</summary>
/// <param name="Count">Answers that were compared.</param>
/// <param name="TauB">Kendall's tau-b, ties counted in the denominator; NaN where all lengths or all scores are equal.</param>
/// <param name="StandardError">Standard error of <paramref name="TauB"/>, by the jackknife: what it would vary by on other prompts of the same kind.</param>
/// <param name="PairAccuracy">Share of the pairs with different lengths that are in the right order; equal scores count half. NaN without such pairs.</param>
/// <param name="PairAccuracyGap20">The same for pairs whose lengths differ by at least 20 % of the longer one.</param>
/// <remarks>Counted in O(n log n). A PARS-like accuracy (arXiv 2510.03243) is the last, which leaves hard pairs out and cannot be compared with tau.</remarks>
public sealed record RankingAccuracy(int Count, double TauB, double StandardError, double PairAccuracy, double PairAccuracyGap20)
{
    private const double Gap = 0.2;

    /// <summary>Compares <paramref name="scores"/> with <paramref name="lengths"/>. Any thread.</summary>
    /// <exception cref="ArgumentException">They differ in number, or a value is NaN.</exception>
    public static RankingAccuracy Of(ReadOnlySpan<double> lengths, ReadOnlySpan<double> scores)
    {
        double tau = KendallTau.TauB(lengths, scores);
        int count = lengths.Length;
        int[] order = [.. Enumerable.Range(0, count)];
        double[] sorted = lengths.ToArray();
        Array.Sort(sorted, order);
        int[] byLength = RankCounts.RanksOf(lengths), byScore = RankCounts.RanksOf(scores);
        var lead = new long[count];
        var counts = new RankCounts(count);
        AddLeads(order, byLength, byScore, counts, lead, 1);
        Array.Reverse(order);
        counts.Clear();
        AddLeads(order, byLength, byScore, counts, lead, -1);
        Array.Reverse(order);
        long[] differInLength = DifferentFrom(byLength), differInScore = DifferentFrom(byScore);
        double pairs = differInLength.Sum() / 2.0, leads = lead.Sum() / 2.0;
        return new RankingAccuracy(
            count,
            tau,
            JackknifeError(lead, differInLength, differInScore),
            (1 + leads / pairs) / 2,
            GapAccuracy(sorted, order, byScore, counts));
    }

    /// <summary>Adds to each answer its concordant pairs less its discordant ones with answers that come before it and differ in length.</summary>
    private static void AddLeads(int[] order, int[] byLength, int[] byScore, RankCounts counts, long[] lead, int sign)
    {
        for (int from = 0, to; from < order.Length; from = to)
        {
            for (to = from; to < order.Length && byLength[order[to]] == byLength[order[from]]; to++)
                lead[order[to]] += sign * counts.BelowLessAbove(byScore[order[to]]);
            for (int i = from; i < to; i++)
                counts.Add(byScore[order[i]]);
        }
    }

    private static long[] DifferentFrom(int[] ranks)
    {
        var sizes = new int[ranks.Length];
        foreach (int rank in ranks)
            sizes[rank]++;
        return [.. ranks.Select(rank => (long)(ranks.Length - sizes[rank]))];
    }

    private static double JackknifeError(long[] lead, long[] differInLength, long[] differInScore)
    {
        double leads = lead.Sum() / 2.0, byLength = differInLength.Sum() / 2.0, byScore = differInScore.Sum() / 2.0, sum = 0, squares = 0;
        int count = lead.Length;
        for (int i = 0; i < count; i++)
        {
            double without = (leads - lead[i]) / Math.Sqrt((byLength - differInLength[i]) * (byScore - differInScore[i]));
            sum += without;
            squares += without * without;
        }

        return Math.Sqrt(Math.Max(0, (count - 1.0) / count * (squares - sum * sum / count)));
    }

    private static double GapAccuracy(double[] sorted, int[] order, int[] byScore, RankCounts counts)
    {
        counts.Clear();
        double pairs = 0, leads = 0;
        for (int i = 0, shorter = 0; i < sorted.Length; i++)
        {
            for (; shorter < i && sorted[i] - sorted[shorter] >= Gap * sorted[i]; shorter++)
                counts.Add(byScore[order[shorter]]);
            leads += counts.BelowLessAbove(byScore[order[i]]);
            pairs += counts.Total;
        }

        return (1 + leads / pairs) / 2;
    }
}
