namespace LlmScheduling.Tests;

public class ManualTimeProviderTests
{
    [Fact]
    public void Advance_TimersDueInside_FireInDueOrderAtTheirOwnTimes()
    {
        var clock = new ManualTimeProvider();
        List<(string Name, long At)> fired = [];
        using ITimer late = clock.CreateTimer(_ => fired.Add(("late", clock.GetTimestamp())), null, TimeSpan.FromTicks(30), Timeout.InfiniteTimeSpan);
        using ITimer early = clock.CreateTimer(_ => fired.Add(("early", clock.GetTimestamp())), null, TimeSpan.FromTicks(10), Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromTicks(29));
        Assert.Equal([("early", 10)], fired);

        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([("early", 10), ("late", 30)], fired);
        Assert.Equal(0, clock.PendingTimers);
    }

    [Fact]
    public void Change_AfterDispose_NeverFires()
    {
        var clock = new ManualTimeProvider();
        int fired = 0;
        ITimer timer = clock.CreateTimer(_ => fired++, null, TimeSpan.FromTicks(5), Timeout.InfiniteTimeSpan);
        timer.Dispose();

        Assert.False(timer.Change(TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan));
        clock.Advance(TimeSpan.FromTicks(10));

        Assert.Equal(0, fired);
    }
}
