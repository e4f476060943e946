namespace LlmScheduling.Tool.Tests;

public sealed class AxisTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(10, 47)]
    [InlineData(0, 0.004)]
    [InlineData(100, 5_000)]
    [InlineData(0, 90_000)]
    [InlineData(0, 4_000_000)]
    public void Time_Ticks_AreFewAndInside(double min, double max)
    {
        Axis axis = Axis.Time(min, max, 0, 100);
        Assert.InRange(axis.Ticks.Count, 1, 7);
        Assert.All(axis.Ticks, tick => Assert.InRange(tick, min, Math.Max(max, min + 1e-6) * (1 + 1e-9)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(3_241)]
    [InlineData(1_000_000)]
    public void Count_Ticks_AreWholeAndReachTheMost(int most)
    {
        Axis axis = Axis.Count(most, 0, 100);
        Assert.All(axis.Ticks, tick => Assert.Equal(Math.Round(tick), tick));
        Assert.InRange(axis.Ticks.Count, 2, 6);
        Assert.True(axis.Ticks[^1] >= most);
    }

    [Theory]
    [InlineData(0.02, 300)]
    [InlineData(1, 1)]
    [InlineData(1e-6, 1e6)]
    public void Decades_Place_IsLogarithmicBetweenWholePowers(double min, double max)
    {
        Axis axis = Axis.Decades(min, max, 0, 100);
        Assert.InRange(axis.Ticks.Count, 2, 6);
        double middle = Math.Sqrt(min * max);
        Assert.InRange(axis.Place(min), 0, axis.Place(max));
        Assert.Equal((axis.Place(min) + axis.Place(max)) / 2, axis.Place(middle), 6);
    }

    [Fact]
    public void Place_BeyondTheEnds_StaysAtThem()
    {
        Axis axis = Axis.Time(10, 20, 5, 25);
        Assert.Equal(5, axis.Place(-3));
        Assert.Equal(25, axis.Place(99));
    }
}
