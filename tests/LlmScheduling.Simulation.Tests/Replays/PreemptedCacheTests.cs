namespace LlmScheduling.Simulation.Tests.Replays;

public sealed class PreemptedCacheTests
{
    /// <summary>Prompt tokens, output tokens, output limit, priority: found by search. One plan takes a seat and gives it back to the same request.</summary>
    private static readonly (int Input, int Output, int Limit, int Priority)[] Rows =
    [
        (16, 3, 4, 0), (9, 2, 2, 1), (25, 3, 4, -2), (24, 1, 1, -1), (3, 3, 4, -1), (3, 1, 1, 2), (4, 2, 2, 2), (31, 4, 4, 0), (20, 2, 2, -2),
    ];

    [Fact]
    public void Run_VictimAdmittedAgainByThePlanThatTookItsSeat_TakesBackNoMoreThanWasSetAside()
    {
        EngineSettings engine = new()
        {
            MaxSequences = 2,
            MaxBatchTokens = 30,
            PrefillChunkTokens = 20,
            KvBlockTokens = 4,
            KvBlocks = 10,
            Preemption = Preemption.Priority,
            LookAheadRequests = 50,
            LookAheadSteps = 1,
            PreemptedBlocksAsCache = true,
            StepCost = StepCost.Fixed(TimeSpan.FromMicroseconds(7)),
        };
        Workload workload = new("rows", Rows.Select((row, i) => new TraceRequest
        {
            Id = $"{i}",
            ArrivedAt = TimeSpan.Zero,
            InputTokens = row.Input,
            OutputTokens = row.Output,
            MaxOutputTokens = row.Limit,
            Priority = row.Priority,
        }));
        ReplayResult result = Replay.Run(workload, engine, new SchedulingStack("priority", new ByPriority(1)), new ReplayOptions { VictimPolicy = new ByPriority(1) });
        Assert.All(result.Records, record => Assert.Equal((RequestOutcome.Completed, record.Request.OutputTokens), (record.Outcome, record.GeneratedTokens)));
    }
}
