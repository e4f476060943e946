using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class KeptBucketsTests
{
    private const int Bits = 10;

    [Fact]
    public void Of_MoreWeightsThanMayStay_KeepsThoseThatMoveTheScoresOfTheLogMost()
    {
        ReadOnlyMemory<char>[] prompts = [.. SampleLog.Of(60).Select(row => row.Prompt)];
        var rows = new FeatureRows(prompts, Bits);
        int[] all = [.. Enumerable.Range(0, prompts.Length)];
        var weights = new RankerWeights(Bits);
        weights.Buckets.AsSpan().Fill(1e-6f);
        weights.Dense.AsSpan().Fill(0.25f);
        int[] used = [.. all.SelectMany(row => rows.Marks(row).ToArray()).Distinct().Take(5)];
        foreach (int bucket in used)
            weights.Buckets[bucket] = -1;

        RankerWeights kept = KeptBuckets.Of(weights, rows, all, used.Length);

        Assert.Equal(used.Order(), Enumerable.Range(0, kept.Buckets.Length).Where(bucket => kept.Buckets[bucket] != 0));
        Assert.All(used, bucket => Assert.Equal(-1, kept.Buckets[bucket]));
        Assert.Equal(weights.Dense, kept.Dense);
    }

    [Fact]
    public void Of_OnlyTheCountedRows_Matter()
    {
        var rows = new FeatureRows(["alpha".AsMemory(), "omega".AsMemory()], Bits);
        var weights = new RankerWeights(Bits);
        int alpha = rows.Grams(0)[0], omega = rows.Grams(1)[0];
        (weights.Buckets[alpha], weights.Buckets[omega]) = (0.5f, 2);

        RankerWeights kept = KeptBuckets.Of(weights, rows, [0], 1);

        Assert.Equal(0.5f, kept.Buckets[alpha]);
        Assert.Equal(0, kept.Buckets[omega]);
    }

    [Fact]
    public void Of_NoMoreThanMayStay_IsTheSame()
    {
        var rows = new FeatureRows(["alpha".AsMemory()], Bits);
        var weights = new RankerWeights(Bits);
        weights.Buckets[7] = 1;
        Assert.Same(weights, KeptBuckets.Of(weights, rows, [0], 1));
    }
}
