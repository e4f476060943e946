namespace LlmScheduling.Tests.Annealing;

[Collection(nameof(CountsAllocations))]
public sealed class AnnealerAllocationTests
{
    [Theory]
    [InlineData(10, 4, 0)]
    [InlineData(12, 3, 0)]
    [InlineData(200, 8, 0)]
    [InlineData(12, 3, 20)]
    [InlineData(60, 8, 33)]
    public async Task Anneal_AfterASolve_AllocatesNothing(int jobs, int maxBatch, int scenarios)
    {
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(2, jobs, maxBatch, 3, evaluations: 2_000), scenarios, 5);
        var schedule = new AnnealingSchedule();
        foreach (IScheduleAnnealer annealer in (IScheduleAnnealer[])[new CpuAnnealer(), new PublishedAnnealer(scaledTemperature: true), new RuleSchedule(ScheduleRule.LeastSlack)])
        {
            await annealer.AnnealAsync(problem, schedule, TestContext.Current.CancellationToken);
            long least = long.MaxValue;
            for (int round = 0; round < 5; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Assert.True(annealer.AnnealAsync(problem, schedule, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.Equal(0, least);
        }
    }
}
