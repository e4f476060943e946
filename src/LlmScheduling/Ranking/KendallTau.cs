namespace LlmScheduling;

/// <summary>Says how far two orders agree: 1 when equal, 0 when unrelated, -1 when reversed.</summary>
/// <remarks>
/// Kendall's tau-b counts ties in the denominator: (concordant - discordant) / sqrt((pairs - ties in x) * (pairs - ties in y)).
/// Counted in O(n log n) after William R. Knight, "A Computer Method for Calculating Kendall's Tau with Ungrouped Data", Journal of the
/// American Statistical Association 61 (1966).
/// </remarks>
public static class KendallTau
{
    /// <summary>Tau-b between <paramref name="x"/> and <paramref name="y"/>; NaN when either holds fewer than two different values. Any thread.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double TauB(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"The lengths differ: {x.Length} and {y.Length}.", nameof(y));
        var pairs = new (double X, double Y)[x.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            if (double.IsNaN(x[i]) || double.IsNaN(y[i]))
                throw new ArgumentException($"Value {i} is NaN.", double.IsNaN(x[i]) ? nameof(x) : nameof(y));
            pairs[i] = (x[i], y[i]);
        }

        Array.Sort(pairs);
        var second = new double[pairs.Length];
        for (int i = 0; i < pairs.Length; i++)
            second[i] = pairs[i].Y;

        long all = PairsOf(pairs.Length);
        long tiedInX = 0, tiedInBoth = 0;
        for (int from = 0, fromBoth = 0, i = 1; i <= pairs.Length; i++)
        {
            bool sameX = i < pairs.Length && pairs[i].X == pairs[from].X;
            if (!sameX || pairs[i].Y != pairs[fromBoth].Y)
            {
                tiedInBoth += PairsOf(i - fromBoth);
                fromBoth = i;
            }

            if (!sameX)
            {
                tiedInX += PairsOf(i - from);
                from = i;
            }
        }

        // With x in order, and y in order inside equal x, every inversion of y is a discordant pair.
        long discordant = SortAndCountInversions(second, new double[second.Length]);
        long tiedInY = 0;
        for (int from = 0, i = 1; i <= second.Length; i++)
        {
            if (i == second.Length || second[i] != second[from])
            {
                tiedInY += PairsOf(i - from);
                from = i;
            }
        }

        long concordantLessDiscordant = all - tiedInX - tiedInY + tiedInBoth - 2 * discordant;
        return all == tiedInX || all == tiedInY
            ? double.NaN
            : Math.Clamp(concordantLessDiscordant / (Math.Sqrt(all - tiedInX) * Math.Sqrt(all - tiedInY)), -1, 1);
    }

    private static long PairsOf(long count) => count * (count - 1) / 2;

    private static long SortAndCountInversions(Span<double> values, Span<double> spare)
    {
        if (values.Length < 2)
            return 0;
        int half = values.Length / 2;
        long inversions = SortAndCountInversions(values[..half], spare[..half]) + SortAndCountInversions(values[half..], spare[half..]);
        for (int left = 0, right = half, to = 0; to < spare.Length; to++)
        {
            if (right == values.Length || (left < half && values[left] <= values[right]))
            {
                spare[to] = values[left++];
            }
            else
            {
                inversions += half - left;
                spare[to] = values[right++];
            }
        }

        spare.CopyTo(values);
        return inversions;
    }
}
