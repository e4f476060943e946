using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class BlockLossTests
{
    private static readonly LengthTarget[] Targets = [new(10, false, -1), new(30, false, 0), new(90, false, 1), new(30, true, 0)];

    [Theory]
    [InlineData(RankerLoss.RankNet)]
    [InlineData(RankerLoss.ListMle)]
    public void Slopes_OfSmoothLosses_AreTheDerivativesByEachScore(RankerLoss loss)
    {
        float[] scores = [0.5f, -1.25f, 0.75f, 2];
        float[] slopes = new float[scores.Length];
        new BlockLoss(loss, 0).Slopes(Targets, scores, slopes);
        for (int i = 0; i < scores.Length; i++)
        {
            const float step = 1f / 1024;
            float[] up = [.. scores], down = [.. scores];
            up[i] += step;
            down[i] -= step;
            Assert.Equal((Loss(loss, up) - Loss(loss, down)) / (2 * step), slopes[i], 1e-4);
        }
    }

    [Theory]
    [InlineData(RankerLoss.RankNet)]
    [InlineData(RankerLoss.Margin)]
    [InlineData(RankerLoss.ListMle)]
    [InlineData(RankerLoss.Pointwise)]
    public void Slopes_OfScoresFarApart_AreFinite(RankerLoss loss)
    {
        float[] slopes = new float[Targets.Length];
        new BlockLoss(loss, 0).Slopes(Targets, [1e30f, -1e30f, 0, 5_000], slopes);
        Assert.All(slopes, slope => Assert.True(float.IsFinite(slope)));
    }

    private static double Loss(RankerLoss loss, float[] scores)
    {
        double sum = 0;
        for (int i = 0; i < Targets.Length; i++)
        {
            double among = 1;
            for (int j = 0; j < Targets.Length; j++)
            {
                if (!Targets[j].IsLongerThan(Targets[i], 0))
                    continue;
                sum += loss == RankerLoss.RankNet ? Math.Log(1 + Math.Exp(scores[i] - scores[j])) / (Targets.Length - 1) : 0;
                among += Math.Exp(scores[i] - scores[j]);
            }

            sum += loss == RankerLoss.ListMle && !Targets[i].IsTruncated ? Math.Log(among) : 0;
        }

        return sum;
    }
}
