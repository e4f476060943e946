using System.Runtime.CompilerServices;

namespace LlmScheduling.Tests;

public sealed class RequestViewTests
{
    [Fact]
    public void View_IsTwoCacheLinesWithoutReferences()
    {
        Assert.InRange(Unsafe.SizeOf<RequestView>(), 1, 128);
        Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<RequestView>());
    }

    [Fact]
    public void NewView_HasTimesOfNeverAndNoScore()
    {
        var view = new RequestView();

        Assert.Equal([TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.MaxValue], [view.FirstTokenAt, view.FirstTokenDue, view.TokenInterval, view.Deadline, view.NextTokenDue]);
        Assert.Equal((false, -1), (view.IsRanked, view.AdmissionOrder));
    }

    [Theory]
    [InlineData(0, 100, 10, 1000, 0, 100)]
    [InlineData(0, 100, 10, 90, 0, 90)]
    [InlineData(3, 100, 10, 1000, 50, 130)]
    [InlineData(3, 100, 10, 120, 50, 120)]
    [InlineData(3, -1, 10, 1000, 50, 80)]
    [InlineData(3, 100, -1, 1000, 50, 1000)]
    [InlineData(3, 100, -1, -1, 50, -1)]
    public void NextTokenDue_IsArrivalPlusTtftPlusTpots_NeverAfterTheDeadline(int generated, long ttft, long tpot, long deadline, long first, long due)
    {
        var view = new RequestView { GeneratedTokens = generated, FirstTokenDue = Time(ttft), TokenInterval = Time(tpot), Deadline = Time(deadline), FirstTokenAt = Time(first) };

        Assert.Equal(Time(due), view.NextTokenDue);
    }

    [Fact]
    public void NextTokenDue_BeyondAllTime_IsNever()
    {
        var view = new RequestView { GeneratedTokens = int.MaxValue, FirstTokenDue = TimeSpan.FromDays(1), TokenInterval = TimeSpan.MaxValue - TimeSpan.FromTicks(1) };

        Assert.Equal(TimeSpan.MaxValue, view.NextTokenDue);
    }

    private static TimeSpan Time(long ticks) => ticks < 0 ? TimeSpan.MaxValue : new TimeSpan(ticks);
}
