using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Tests.Ranking;

public sealed class KendallTauTests
{
    [Fact]
    public void TauB_AnyValuesWithTies_EqualsTheCountOverAllPairs() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(byte X, byte Y)[]>(),
            pairs =>
            {
                double[] x = [.. pairs.Select(pair => (double)(pair.X % 7))], y = [.. pairs.Select(pair => (double)(pair.Y % 5))];
                double expected = CountedPairByPair(x, y), found = KendallTau.TauB(x, y);
                return double.IsNaN(expected) ? double.IsNaN(found) : Math.Abs(expected - found) < 1e-12;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void TauB_EqualAndReversedOrders_AreOneAndMinusOne()
    {
        double[] rising = [1, 2, 3, 4], falling = [9, 7, 5, -3];
        Assert.Equal(1, KendallTau.TauB(rising, rising));
        Assert.Equal(-1, KendallTau.TauB(rising, falling));
    }

    [Fact]
    public void TauB_TiesInOneOrder_CountInTheDenominator() => Assert.Equal(2 / Math.Sqrt(6), KendallTau.TauB([1, 2, 3], [1, 1, 2]), 12);

    [Fact]
    public void TauB_NothingToTellApart_IsNaN()
    {
        Assert.True(double.IsNaN(KendallTau.TauB([], [])));
        Assert.True(double.IsNaN(KendallTau.TauB([1, 1], [1, 2])));
    }

    [Fact]
    public void TauB_LongOrders_DoNotOverflow()
    {
        double[] rising = [.. Enumerable.Range(0, 200_000).Select(value => (double)value)];
        Assert.Equal(1, KendallTau.TauB(rising, rising), 12);
    }

    [Fact]
    public void TauB_NaNOrUnequalLengths_Throws()
    {
        Assert.Throws<ArgumentException>(() => KendallTau.TauB([1, double.NaN], [1, 2]));
        Assert.Throws<ArgumentException>(() => KendallTau.TauB([1, 2], [1]));
    }

    private static double CountedPairByPair(double[] x, double[] y)
    {
        long agree = 0, untiedX = 0, untiedY = 0;
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                int signX = Math.Sign(x[i] - x[j]), signY = Math.Sign(y[i] - y[j]);
                agree += signX * signY;
                untiedX += signX * signX;
                untiedY += signY * signY;
            }
        }

        return untiedX == 0 || untiedY == 0 ? double.NaN : agree / (Math.Sqrt(untiedX) * Math.Sqrt(untiedY));
    }
}
