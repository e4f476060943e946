namespace LlmScheduling.Tests.Policies;

public sealed class StepSeedTests
{
    /// <summary>The first outputs of SplitMix64 from 1234567, as published with the algorithm: a recorded run must replay under every later version.</summary>
    [Fact]
    public void Of_TheFirstSteps_IsSplitMix64() =>
        Assert.Equal(
            [6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL, 4593380528125082431UL, 16408922859458223821UL],
            Enumerable.Range(0, 5).Select(number => StepSeed.Of(1234567, number)));
}
