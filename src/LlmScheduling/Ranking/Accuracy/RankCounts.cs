namespace LlmScheduling;

/// <summary>Counts ranks, and how many of those counted lie below one: a Fenwick tree. Both take O(log n).</summary>
internal sealed class RankCounts(int ranks)
{
    private readonly int[] _sums = new int[ranks + 1];

    public int Total { get; private set; }

    public void Clear()
    {
        Array.Clear(_sums);
        Total = 0;
    }

    public void Add(int rank)
    {
        Total++;
        for (int at = rank + 1; at < _sums.Length; at += at & -at)
            _sums[at]++;
    }

    /// <summary>Of those counted, how many are below <paramref name="rank"/>, less how many are above.</summary>
    public int BelowLessAbove(int rank) => Below(rank) - (Total - Below(rank + 1));

    private int Below(int rank)
    {
        int sum = 0;
        for (int at = rank; at > 0; at -= at & -at)
            sum += _sums[at];
        return sum;
    }

    /// <summary>The place of each value among the different values, from 0.</summary>
    public static int[] RanksOf(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        int[] order = [.. Enumerable.Range(0, values.Length)], ranks = new int[values.Length];
        Array.Sort(sorted, order);
        for (int i = 1; i < order.Length; i++)
            ranks[order[i]] = ranks[order[i - 1]] + (sorted[i] > sorted[i - 1] ? 1 : 0);
        return ranks;
    }
}
