namespace LlmScheduling.Simulation.Tests.Replays;

public sealed class DisplacementTests
{
    private static readonly EngineSettings Engine = new()
    {
        MaxSequences = 4,
        MaxBatchTokens = 100,
        MaxQueuedRequests = 10,
        QueueFull = QueueFullAction.Displace,
        StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(1)),
    };

    [Fact]
    public void Run_ThousandArrivalsAtOnceEachMoreUrgent_TheMostUrgentAreServed()
    {
        ReplayResult result = Replay.Run(Rising(1_000, TimeSpan.Zero), Engine, new SchedulingStack("fcfs", new FirstComeFirstServed()));
        Assert.Equal(Enumerable.Range(990, 10), result.Records.Where(record => record.IsCompleted).Select(record => int.Parse(record.Request.Id)));
        Assert.All(result.Records.Take(990), record => Assert.Equal(RequestOutcome.Displaced, record.Outcome));
    }

    [Fact]
    public void Run_DisplacedInsideAStep_LeavesWhenTheNewcomerComes()
    {
        TimeSpan gap = TimeSpan.FromMicroseconds(10);
        ReplayResult result = Replay.Run(Rising(60, gap), Engine, new SchedulingStack("fcfs", new FirstComeFirstServed()));
        RequestRecord[] displaced = [.. result.Records.Where(record => record.Outcome == RequestOutcome.Displaced)];
        Assert.Equal(49, displaced.Length);
        Assert.All(displaced, record => Assert.Equal(10 * gap, record.EndedAt - record.Request.ArrivedAt));
    }

    private static Workload Rising(int count, TimeSpan gap) => new("rising", Enumerable.Range(0, count).Select(i => new TraceRequest
    {
        Id = $"{i}",
        ArrivedAt = i * gap,
        InputTokens = 10,
        OutputTokens = 3,
        Priority = -i,
    }));
}
