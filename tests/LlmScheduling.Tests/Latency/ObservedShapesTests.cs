namespace LlmScheduling.Tests;

public sealed class ObservedShapesTests
{
    private static readonly BatchShape Decode = new(10, 0, 5_000, 0), Prefill = new(0, 512, 0, 131_072), Mixed = new(5, 256, 2_000, 40_000);

    [Fact]
    public void Contains_None_HoldsNothing() => Assert.False(ObservedShapes.None.Contains(Decode));

    [Fact]
    public void Contains_All_HoldsEverything() => Assert.True(ObservedShapes.All.Contains(new BatchShape(100_000, 1_000_000, long.MaxValue, 1e300)));

    [Fact]
    public void Contains_BetweenWhatWasSeen_IsInside()
    {
        ObservedShapes observed = ObservedShapes.None.With(Decode).With(new BatchShape(20, 0, 9_000, 0));
        Assert.True(observed.Contains(new BatchShape(15, 0, 6_000, 0)));
        Assert.False(observed.Contains(new BatchShape(21, 0, 6_000, 0)));
        Assert.False(observed.Contains(new BatchShape(15, 0, 9_001, 0)));
        Assert.False(observed.Contains(new BatchShape(9, 0, 6_000, 0)));
    }

    [Fact]
    public void Contains_MixedStepAfterPureOnesOnly_IsOutside()
    {
        ObservedShapes observed = ObservedShapes.None.With(Decode).With(Prefill);
        Assert.False(observed.Contains(Mixed));
        Assert.True(observed.With(Mixed).Contains(Mixed));
    }

    [Fact]
    public void NearlyContains_WithinAnEighth_IsTrue()
    {
        ObservedShapes observed = ObservedShapes.None.With(new BatchShape(80, 0, 8_000, 0));
        Assert.True(observed.NearlyContains(new BatchShape(90, 0, 9_000, 0)));
        Assert.False(observed.NearlyContains(new BatchShape(91, 0, 8_000, 0)));
    }
}
