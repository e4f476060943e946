namespace LlmScheduling.Simulation.Tests.Replays;

public sealed class LateArrivalTests
{
    [Fact]
    public void Run_ArrivalsAtTheLatestTimeAllowed_AreToldApartByTheMicrosecond()
    {
        const long Last = TraceFile.MaxMicroseconds;
        Workload workload = new("late", Enumerable.Range(0, 20).Select(i => new TraceRequest
        {
            Id = $"{i}",
            ArrivedAt = TimeSpan.FromTicks((Last - 19 + i) * TimeSpan.TicksPerMicrosecond),
            InputTokens = 1,
            OutputTokens = 1,
            Deadline = TimeSpan.FromTicks((40 - 2 * i) * TimeSpan.TicksPerMicrosecond),
        }));
        EngineSettings engine = new() { MaxSequences = 1, MaxBatchTokens = 1, StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(1)) };
        foreach (ISchedulingPolicy policy in new ISchedulingPolicy[] { new LastComeFirstServed(), new EarliestDeadline() })
        {
            ReplayResult result = Replay.Run(workload, engine, new SchedulingStack("late", policy));
            Assert.Equal(
                Enumerable.Range(1, 19).Reverse().Prepend(0),
                result.Records.OrderBy(record => record.EndedAt).Select(record => int.Parse(record.Request.Id)));
        }
    }
}
