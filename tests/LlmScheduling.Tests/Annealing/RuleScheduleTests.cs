namespace LlmScheduling.Tests.Annealing;

public sealed class RuleScheduleTests
{
    // A job runs its input plus 2 ms per output in any batch.
    private static readonly AnnealingProblem Problem = new()
    {
        Jobs = new[]
        {
            new AnnealingJob(50, 10) { EndToEndMilliseconds = 100 },
            new AnnealingJob(10, 5) { FirstTokenMilliseconds = 90, TokenMilliseconds = 4 },
            new AnnealingJob(30, 20) { EndToEndMilliseconds = 110 },
            new AnnealingJob(10, 5) { TokenMilliseconds = 4 },
            new AnnealingJob(40, 1) { FirstTokenMilliseconds = 60 },
        },
        Prefill = new LatencyCoefficients(0, 0, 1, 0),
        Decode = new LatencyCoefficients(0, 0, 0, 2),
        MaxBatch = 2,
    };

    [Theory]
    [InlineData(ScheduleRule.ArrivalOrder, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(ScheduleRule.ShortestFirst, new[] { 1, 3, 4, 0, 2 })] // runs: 70, 20, 70, 20, 42
    [InlineData(ScheduleRule.EarliestDeadline, new[] { 4, 1, 0, 2, 3 })] // 100, 90, 110, none, 60
    [InlineData(ScheduleRule.LeastSlack, new[] { 4, 0, 2, 1, 3 })] // 30, 80, 40, none, 20
    public async Task Anneal_EachRule_IsItsOrderInFullBatches(ScheduleRule rule, int[] order)
    {
        var schedule = new AnnealingSchedule();
        await new RuleSchedule(rule).AnnealAsync(Problem, schedule, TestContext.Current.CancellationToken);
        Assert.Equal(order, schedule.Order.ToArray());
        Assert.Equal([2, 2, 1], schedule.BatchSizes.ToArray());
        Assert.Equal(ScheduleValue.Of(Problem, order, [2, 2, 1]), new ScheduleValue(schedule.Met, schedule.TotalLatencyMilliseconds));
    }

    [Fact]
    public void Constructor_NoRule_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => new RuleSchedule((ScheduleRule)9));
}
