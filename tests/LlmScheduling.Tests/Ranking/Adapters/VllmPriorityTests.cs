using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class VllmPriorityTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 8)]
    [InlineData(256, 64)]
    [InlineData(0, 64)]
    [InlineData(float.NaN, 64)]
    [InlineData(float.PositiveInfinity, 64)]
    [InlineData(float.MaxValue, 255)]
    public void OfLength_OfMedian_IsEightStepsADoubling(float median, int priority) => Assert.Equal(priority, VllmPriority.OfLength(new LengthEstimate(median, 1)));

    [Theory]
    [InlineData(0, 128)]
    [InlineData(1, 160)]
    [InlineData(float.NaN, 128)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(float.PositiveInfinity, 255)]
    public void OfScore_OfScore_IsThirtyTwoStepsAUnit(float score, int priority) => Assert.Equal(priority, VllmPriority.OfScore(score));

    [Fact]
    public void OfLength_RisingMedians_NeverFalls()
    {
        int[] priorities = [.. Enumerable.Range(1, 5_000).Select(tokens => VllmPriority.OfLength(new LengthEstimate(tokens, 0)))];
        Assert.Equal(priorities.Order(), priorities);
        Assert.True(priorities.Distinct().Count() > 80);
    }

    [Fact]
    public void OfLength_OfTiers_KeepsThemApart()
    {
        Assert.True(VllmPriority.OfLength(new LengthEstimate(1e9f, 0), tier: -1) < VllmPriority.OfLength(new LengthEstimate(1, 0)));
        Assert.True(VllmPriority.OfScore(1e9f) < VllmPriority.OfScore(-1e9f, tier: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => VllmPriority.OfScore(0, int.MaxValue));
    }

    [Fact]
    public void Aged_LongAnswerThatCameEarlier_PassesShortOnesInTheEnd()
    {
        var first = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        TimeSpan second = TimeSpan.FromSeconds(1);
        int longOne = VllmPriority.Aged(VllmPriority.OfLength(new LengthEstimate(200, 0)), first, second);
        int shortOne = VllmPriority.OfLength(new LengthEstimate(100, 0));

        Assert.True(VllmPriority.Aged(shortOne, first.AddSeconds(7), second) < longOne);
        Assert.True(VllmPriority.Aged(shortOne, first.AddSeconds(9), second) > longOne);
        Assert.Equal(shortOne, VllmPriority.Aged(shortOne, DateTimeOffset.MinValue, second));
        Assert.Equal(int.MaxValue, VllmPriority.Aged(int.MaxValue, DateTimeOffset.MaxValue, second));
        Assert.Throws<ArgumentOutOfRangeException>(() => VllmPriority.Aged(0, first, TimeSpan.Zero));
    }
}
