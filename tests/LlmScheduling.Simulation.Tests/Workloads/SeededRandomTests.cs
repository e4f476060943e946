using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Simulation.Tests.Workloads;

public sealed class SeededRandomTests
{
    [Fact]
    public void NextBits_SeedZero_AreTheGeneratorsPublishedAlgorithm()
    {
        // SplitMix64 from 0 gives this state (its published test vector); the first output follows by hand: rotl(s1 * 5, 7) * 9.
        ulong second = 0x6E789E6AA1B965F4;
        Assert.Equal(ulong.RotateLeft(second * 5, 7) * 9, new SeededRandom(0).NextBits());
    }

    [Fact]
    public void Draws_SameSeed_AreTheSameBitsOnEveryPlatform()
    {
        // The expected bits come from a transcription of the generator into another language.
        long[] expected = [4590707384586612420, -4616101683969931859, 4609509732275023031, 4604640760696838477, 4617680829680410287, 4649210151260127232];
        var random = new SeededRandom(42);
        double[] draws = [random.NextUnit(), random.NextNormal(), random.NextNormal(), random.NextGamma(0.25), random.NextGamma(4), random.NextBelow(1000)];
        Assert.Equal(expected, draws.Select(BitConverter.DoubleToInt64Bits).ToArray());
    }

    [Fact]
    public void NextNormal_ManyDraws_HasMeanZeroAndDeviationOne()
    {
        var random = new SeededRandom(1);
        double[] draws = [.. Enumerable.Range(0, 100_000).Select(_ => random.NextNormal())];
        Assert.InRange(draws.Average(), -0.02, 0.02);
        Assert.InRange(draws.Average(draw => draw * draw), 0.98, 1.02);
        Assert.InRange(draws.Count(draw => Math.Abs(draw) < 1) / 100_000.0, 0.675, 0.690);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(9)]
    public void NextGamma_ManyDraws_HasMeanAndVarianceOfItsShape(double shape)
    {
        var random = new SeededRandom(2);
        double[] draws = [.. Enumerable.Range(0, 200_000).Select(_ => random.NextGamma(shape))];
        double mean = draws.Average();
        Assert.InRange(mean / shape, 0.98, 1.02);
        Assert.InRange(draws.Average(draw => (draw - mean) * (draw - mean)) / shape, 0.95, 1.05);
    }

    [Fact]
    public void NextBelow_ManyDraws_AreEven()
    {
        var random = new SeededRandom(3);
        int[] counts = new int[6];
        for (int i = 0; i < 60_000; i++)
            counts[random.NextBelow(6)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Fact]
    public void Shuffle_AnyItems_ArePermuted() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(int[] Items, ulong Seed)>(), given =>
        {
            int[] shuffled = [.. given.Items];
            new SeededRandom(given.Seed).Shuffle(shuffled.AsSpan());
            return shuffled.Order().SequenceEqual(given.Items.Order());
        }).QuickCheckThrowOnFailure();
}
