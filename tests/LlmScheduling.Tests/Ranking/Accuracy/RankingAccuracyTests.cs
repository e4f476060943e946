using FsCheck;
using FsCheck.Fluent;
using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class RankingAccuracyTests
{
    [Fact]
    public void Of_RandomPairs_CountsAsPairByPairCounting() =>
        Prop.ForAll(
            Gen.Choose(1, 12).Select(value => (double)value).Two().ListOf().Select(pairs => pairs.ToArray()).ToArbitrary(),
            pairs =>
            {
                double[] lengths = [.. pairs.Select(pair => pair.Item1)], scores = [.. pairs.Select(pair => pair.Item2)];
                RankingAccuracy accuracy = RankingAccuracy.Of(lengths, scores);
                AssertClose(PairByPair(lengths, scores, 0), accuracy.PairAccuracy);
                AssertClose(PairByPair(lengths, scores, 0.2), accuracy.PairAccuracyGap20);
                AssertClose(KendallTau.TauB(lengths, scores), accuracy.TauB);
                AssertClose(JackknifeByLeavingOut(lengths, scores), accuracy.StandardError);
                Assert.Equal(lengths.Length, accuracy.Count);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void StandardError_OfIndependentSamples_IsTheirSpread()
    {
        var random = new MoveRandom(3);
        var taus = new List<double>();
        double errors = 0;
        for (int sample = 0; sample < 200; sample++)
        {
            double[] lengths = [.. Enumerable.Range(0, 150).Select(_ => random.NextUnit())];
            double[] scores = [.. lengths.Select(length => length + random.NextUnit())];
            RankingAccuracy accuracy = RankingAccuracy.Of(lengths, scores);
            taus.Add(accuracy.TauB);
            errors += accuracy.StandardError / 200;
        }

        double mean = taus.Average(), spread = Math.Sqrt(taus.Sum(tau => (tau - mean) * (tau - mean)) / 199);
        Assert.InRange(errors / spread, 0.85, 1.2);
    }

    [Fact]
    public void Of_OneAnswer_KnowsNothing()
    {
        RankingAccuracy accuracy = RankingAccuracy.Of([5], [1]);
        Assert.Equal(1, accuracy.Count);
        Assert.Equal(double.NaN, accuracy.TauB);
        Assert.Equal(double.NaN, accuracy.PairAccuracy);
    }

    private static double PairByPair(double[] lengths, double[] scores, double gap)
    {
        double right = 0, pairs = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            for (int j = 0; j < lengths.Length; j++)
            {
                if (lengths[i] <= lengths[j] || lengths[i] - lengths[j] < gap * lengths[i])
                    continue;
                pairs++;
                right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        }

        return right / pairs;
    }

    private static double JackknifeByLeavingOut(double[] lengths, double[] scores)
    {
        double[] taus = [.. lengths.Select((_, left) => KendallTau.TauB(Without(lengths, left), Without(scores, left)))];
        double mean = taus.Length == 0 ? double.NaN : taus.Average();
        return Math.Sqrt((taus.Length - 1.0) / taus.Length * taus.Sum(tau => (tau - mean) * (tau - mean)));

        static double[] Without(double[] values, int left) => [.. values.Where((_, place) => place != left)];
    }

    private static void AssertClose(double expected, double actual)
    {
        if (double.IsNaN(expected))
            Assert.Equal(double.NaN, actual);
        else
            Assert.Equal(expected, actual, 6);
    }
}
