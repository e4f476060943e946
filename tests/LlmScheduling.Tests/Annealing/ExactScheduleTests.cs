namespace LlmScheduling.Tests.Annealing;

public sealed class ExactScheduleTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData(6, 2)]
    [InlineData(6, 6)]
    public async Task Anneal_SmallProblems_FindsTheBestOfAllSchedules(int jobs, int maxBatch)
    {
        var exact = new ExactSchedule();
        var auto = new CpuAnnealer();
        var found = new AnnealingSchedule();
        for (int seed = 0; seed < 40; seed++)
        {
            AnnealingProblem problem = Problems.Of(seed, jobs, maxBatch, 1 + seed % 4 * 2);
            double best = BestOf(problem, new int[jobs], new int[jobs], 0, 0, 0);
            foreach (IScheduleAnnealer annealer in (IScheduleAnnealer[])[exact, auto])
            {
                await annealer.AnnealAsync(problem, found, TestContext.Current.CancellationToken);
                Assert.True(found.IsCertifiedOptimal);
                Assert.Equal(1, (found.MetPerSecond + 1e-9) / (best + 1e-9), 8);
            }
        }
    }

    [Fact]
    public async Task Anneal_TooManyJobs_Throws()
    {
        AnnealingProblem problem = Problems.Of(1, ExactSchedule.MostJobs + 1, 4);
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(
            async () => await new ExactSchedule().AnnealAsync(problem, new AnnealingSchedule(), TestContext.Current.CancellationToken));
        Assert.Contains("at most 16", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anneal_MoreJobsThanTheDefault_AgreesWithLongAnnealing()
    {
        AnnealingProblem problem = Problems.Of(3, 14, 3, 3, evaluations: 200_000);
        AnnealingSchedule exact = new(), annealed = new();
        await new ExactSchedule().AnnealAsync(problem, exact, TestContext.Current.CancellationToken);
        await new CpuAnnealer(exactJobs: 0).AnnealAsync(problem, annealed, TestContext.Current.CancellationToken);
        Assert.True(exact.IsCertifiedOptimal);
        Assert.False(annealed.IsCertifiedOptimal);
        Assert.InRange(annealed.MetPerSecond / exact.MetPerSecond, 0.99, 1 + 1e-9);
    }

    /// <summary>Every order of every division into batches, by appending every batch of every order.</summary>
    private static double BestOf(AnnealingProblem problem, int[] order, int[] sizes, int placed, int batches, int used)
    {
        if (placed == order.Length)
            return ScheduleValue.Of(problem, order, sizes.AsSpan(0, batches)).MetPerSecond;
        double best = 0;
        for (int batch = 1; batch < 1 << order.Length; batch++)
        {
            int[] jobs = [.. Enumerable.Range(0, order.Length).Where(job => (batch >> job & 1) == 1)];
            if ((batch & used) != 0 || jobs.Length > problem.MaxBatch)
                continue;
            jobs.CopyTo(order, placed);
            sizes[batches] = jobs.Length;
            best = Math.Max(best, BestOf(problem, order, sizes, placed + jobs.Length, batches + 1, used | batch));
        }

        return best;
    }
}
