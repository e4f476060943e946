namespace LlmScheduling.Tests;

public sealed class SaturatingTests
{
    [Theory]
    [InlineData(3, 4, 7)]
    [InlineData(3, -4, -1)]
    [InlineData(long.MaxValue, -4, long.MaxValue)]
    [InlineData(-4, long.MaxValue, long.MaxValue)]
    [InlineData(long.MaxValue - 1, 2, long.MaxValue)]
    [InlineData(long.MinValue + 1, -2, long.MinValue)]
    [InlineData(long.MinValue, long.MinValue, long.MinValue)]
    [InlineData(long.MinValue, long.MaxValue, long.MaxValue)]
    public void Add_StaysInRangeAndNeverStaysNever(long from, long span, long sum) =>
        Assert.Equal(new TimeSpan(sum), Saturating.Add(new TimeSpan(from), new TimeSpan(span)));
}
