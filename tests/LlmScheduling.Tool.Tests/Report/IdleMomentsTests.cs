using LlmScheduling.Simulation;

namespace LlmScheduling.Tool.Tests;

public sealed class IdleMomentsTests
{
    [Fact]
    public void Of_BusyPeriods_EndsEachWithAnEmptySample()
    {
        RequestRecord[] records = [Record(0, 5), Record(3, 4), Record(5, 9), Record(20, 30)];
        Assert.Equal([new(TimeSpan.FromSeconds(9), 0, 0), new(TimeSpan.FromSeconds(30), 0, 0)], IdleMoments.Of(records));
    }

    [Fact]
    public void Of_Nothing_IsNothing() => Assert.Empty(IdleMoments.Of([]));

    private static RequestRecord Record(int arrival, int end) => new(
        new TraceRequest { Id = "r", ArrivedAt = TimeSpan.FromSeconds(arrival), InputTokens = 1, OutputTokens = 1 },
        RequestOutcome.Completed, TimeSpan.FromSeconds(arrival), TimeSpan.FromSeconds(end), TimeSpan.FromSeconds(end), 1, 0);
}
