namespace OnnxDecoder.Tests;

public sealed class SamplerTests
{
    private const int Draws = 20_000;

    // Probabilities 1/2, 1/4, 1/8, 1/8 at temperature 1.
    private static readonly float[] Logits = [MathF.Log(0.25f), MathF.Log(0.5f), MathF.Log(0.125f), MathF.Log(0.125f)];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 0.4)]
    public void Pick_AtNoTemperatureOrLittleMass_TakesTheBest(double temperature, double topP)
    {
        double[] drawn = Frequencies(temperature, topP);
        Assert.Equal(1, drawn[1]);
    }

    [Theory]
    [InlineData(1.0, 1.0, 0.25, 0.5, 0.125, 0.125)]
    [InlineData(1.0, 0.7, 1 / 3.0, 2 / 3.0, 0.0, 0.0)]
    [InlineData(0.5, 1.0, 2 / 11.0, 8 / 11.0, 0.5 / 11, 0.5 / 11)]
    [InlineData(2.0, 1.0, 0.2612, 0.3694, 0.1847, 0.1847)]
    public void Pick_DrawsByTemperatureAndMass(double temperature, double topP, params double[] expected)
    {
        double[] drawn = Frequencies(temperature, topP);
        for (int token = 0; token < expected.Length; token++)
            Assert.Equal(expected[token], drawn[token], 0.015);
    }

    [Fact]
    public void Pick_OfScoresThatAreNoNumbers_IsNone()
    {
        Assert.Null(new Sampler().Pick([float.NaN, float.NaN], 1, 1, new Random(1)));
        Assert.Null(new Sampler().Pick([1, float.PositiveInfinity], 0, 1, new Random(1)));
    }

    private static double[] Frequencies(double temperature, double topP)
    {
        var sampler = new Sampler();
        var random = new Random(1);
        double[] drawn = new double[Logits.Length];
        for (int i = 0; i < Draws; i++)
            drawn[sampler.Pick(Logits, temperature, topP, random)!.Value] += 1.0 / Draws;
        return [.. drawn.Select(share => Math.Round(share, 6))];
    }
}
