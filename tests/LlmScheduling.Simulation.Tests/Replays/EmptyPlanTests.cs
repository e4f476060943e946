namespace LlmScheduling.Simulation.Tests.Replays;

public sealed class EmptyPlanTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_PlanAheadThatOnlyPreempts_TakesItsVictimsBlocks(bool preemptedBlocksAsCache)
    {
        // Prompts that take several steps on scarce blocks: now and then the step fixed ahead has nothing but victims.
        EngineSettings engine = new()
        {
            MaxSequences = 5,
            MaxBatchTokens = 2048,
            KvBlocks = 200,
            Preemption = Preemption.Kv,
            LookAheadSteps = 1,
            PreemptedBlocksAsCache = preemptedBlocksAsCache,
            StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(1)),
        };
        ReplayResult result = Replay.Run(Workload.Generate("burst:300"), engine, new SchedulingStack("fcfs", new FirstComeFirstServed()));
        Assert.All(result.Records, record => Assert.True(record.Outcome is RequestOutcome.Completed or RequestOutcome.Unservable));
        Assert.All(result.Records.Where(record => record.IsCompleted), record => Assert.Equal(record.Request.OutputTokens, record.GeneratedTokens));
        Assert.True(result.Records.Sum(record => record.Preemptions) > 0);
    }
}
