namespace LlmScheduling.Tests.Annealing;

public sealed class PublishedAnnealerTests
{
    [Fact]
    public void TryPull_RoomForOne_TakesTheDrawnRequestOfTheNextBatch()
    {
        PublishedSchedule schedule = Of([4, 3, 2, 1, 0], 3);
        Assert.False(schedule.TryPull(0, 0, maxBatch: 3));
        Assert.True(schedule.TryPull(0, 1, maxBatch: 4));
        Assert.Equal([4, 3, 2, 0, 1], schedule.Order.ToArray());
        Assert.Equal([4, 1], schedule.Sizes.ToArray());
        Assert.True(schedule.TryPull(0, 7, maxBatch: 5));
        Assert.Equal([5], schedule.Sizes.ToArray());
        Assert.False(schedule.TryPull(0, 0, maxBatch: 9));
    }

    [Fact]
    public void TryPush_TheLastBatch_OpensANewOne()
    {
        PublishedSchedule schedule = Of([0, 1, 2, 3], 2);
        Assert.False(schedule.TryPush(0, 0, maxBatch: 2));
        Assert.True(schedule.TryPush(1, 1, maxBatch: 2));
        Assert.Equal([0, 1, 3, 2], schedule.Order.ToArray());
        Assert.Equal([2, 1, 1], schedule.Sizes.ToArray());
        Assert.False(schedule.TryPush(2, 0, maxBatch: 2));
        Assert.True(schedule.TryPush(1, 0, maxBatch: 2));
        Assert.Equal([2, 2], schedule.Sizes.ToArray());
    }

    [Fact]
    public void IsAccepted_LiteralTemperature_TakesNearlyEveryLoss()
    {
        // A loss of 0.1 requests/s at the last temperature is accepted with probability exp(-0.005); scaled by 1000 / 0.1 with exp(-50).
        var random = new MoveRandom(1);
        int literal = 0, scaled = 0;
        for (int i = 0; i < 10_000; i++)
        {
            literal += PublishedAnnealer.IsAccepted(-0.1, 20, ref random) ? 1 : 0;
            scaled += PublishedAnnealer.IsAccepted(-0.1 * 10_000, 20, ref random) ? 1 : 0;
        }

        Assert.InRange(literal, 9_900, 9_990);
        Assert.Equal(0, scaled);
        Assert.True(PublishedAnnealer.IsAccepted(1e-9, 20, ref random));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Anneal_AnyProblem_Evaluates6300MovesAndIsNotBelowItsStarts(bool scaled)
    {
        AnnealingSchedule published = new(), rule = new();
        for (int seed = 0; seed < 10; seed++)
        {
            AnnealingProblem problem = Problems.Of(seed, 15, 4, 3);
            await new PublishedAnnealer(scaled).AnnealAsync(problem, published, TestContext.Current.CancellationToken);
            Assert.Equal(6_302, published.Evaluations);
            Assert.False(published.IsCertifiedOptimal);
            Assert.InRange(published.BatchSizes.ToArray().Max(), 1, 4);
            foreach (ScheduleRule start in (ScheduleRule[])[ScheduleRule.ArrivalOrder, ScheduleRule.ShortestFirst])
            {
                await new RuleSchedule(start).AnnealAsync(problem, rule, TestContext.Current.CancellationToken);
                Assert.True(published.MetPerSecond >= rule.MetPerSecond);
            }
        }
    }

    private static PublishedSchedule Of(int[] order, int size)
    {
        var schedule = new PublishedSchedule();
        schedule.SetFullBatches(order, size);
        return schedule;
    }
}
