namespace LlmScheduling.Tests.Annealing;

public sealed class CpuAnnealerTests
{
    [Theory]
    [InlineData(20, 4)]
    [InlineData(60, 1)]
    [InlineData(150, 16)]
    public async Task Anneal_SameSeedAndEvaluations_GiveTheSameSchedule(int jobs, int maxBatch)
    {
        AnnealingProblem problem = Problems.Of(5, jobs, maxBatch, 3, evaluations: 3_000);
        AnnealingSchedule first = new(), again = new();
        var used = new CpuAnnealer();
        await used.AnnealAsync(Problems.Of(6, jobs + 9, maxBatch), again, TestContext.Current.CancellationToken);
        await used.AnnealAsync(problem, again, TestContext.Current.CancellationToken);
        await new CpuAnnealer().AnnealAsync(problem, first, TestContext.Current.CancellationToken);
        Assert.Equal(first.Order, again.Order);
        Assert.Equal(first.BatchSizes, again.BatchSizes);
        Assert.Equal(3_000, first.Evaluations);
        Assert.Equal(first.Evaluations, again.Evaluations);
    }

    [Fact]
    public async Task Anneal_AnyProblem_IsAScheduleNotBelowTheRules()
    {
        AnnealingSchedule found = new(), rule = new();
        var annealer = new CpuAnnealer(exactJobs: 0);
        for (int seed = 0; seed < 60; seed++)
        {
            int jobs = 1 + seed * 7 % 90, maxBatch = 1 + seed % 9;
            AnnealingProblem problem = Problems.Of(seed, jobs, maxBatch, 1 + seed % 5, evaluations: 1 + seed * 20);
            await annealer.AnnealAsync(problem, found, TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Range(0, jobs), found.Order.ToArray().Order());
            Assert.Equal(jobs, found.BatchSizes.ToArray().Sum());
            Assert.InRange(found.BatchSizes.ToArray().Max(), 1, maxBatch);
            Assert.Equal(new ScheduleValue(found.Met, found.TotalLatencyMilliseconds), ScheduleValue.Of(problem, found.Order, found.BatchSizes));
            foreach (ScheduleRule order in Enum.GetValues<ScheduleRule>())
            {
                await new RuleSchedule(order).AnnealAsync(problem, rule, TestContext.Current.CancellationToken);
                Assert.True(found.MetPerSecond >= rule.MetPerSecond, $"seed {seed}, {order}");
            }
        }
    }

    [Fact]
    public async Task Anneal_TightProblems_BeatThePublishedAnnealer()
    {
        AnnealingSchedule found = new(), published = new();
        double logs = 0;
        for (int seed = 0; seed < 8; seed++)
        {
            AnnealingProblem problem = Problems.Of(seed, 50, 4, 4, evaluations: 6_300);
            await new CpuAnnealer().AnnealAsync(problem, found, TestContext.Current.CancellationToken);
            await new PublishedAnnealer(scaledTemperature: true).AnnealAsync(problem, published, TestContext.Current.CancellationToken);
            logs += Math.Log(found.MetPerSecond / published.MetPerSecond) / 8;
        }

        Assert.InRange(Math.Exp(logs), 1.15, 5);
    }

    [Fact]
    public async Task Anneal_BoundedByTime_StopsWhenTheClockSaysSo()
    {
        // Each look at the clock takes a tenth of the bound; ten looks are the end, and a few more would be too many.
        var time = new TimeThatPasses(TimeSpan.FromMilliseconds(0.1));
        var schedule = new AnnealingSchedule();
        await new CpuAnnealer(time).AnnealAsync(Problems.Of(1, 400, 4, 3, evaluations: null, time: TimeSpan.FromMilliseconds(1)), schedule, TestContext.Current.CancellationToken);
        Assert.InRange(time.Looks, 10, 15);
        Assert.Equal(400, schedule.JobCount);
    }

    [Fact]
    public async Task Anneal_NoJobs_IsAnEmptySchedule()
    {
        AnnealingSchedule schedule = new();
        foreach (IScheduleAnnealer annealer in (IScheduleAnnealer[])[new CpuAnnealer(), new ExactSchedule(), new PublishedAnnealer(), new RuleSchedule(ScheduleRule.LeastSlack)])
        {
            await annealer.AnnealAsync(Problems.Of(1, 5, 2), schedule, TestContext.Current.CancellationToken);
            await annealer.AnnealAsync(Problems.Of(1, 0, 2), schedule, TestContext.Current.CancellationToken);
            Assert.Equal((0, 0, 0, 0.0), (schedule.JobCount, schedule.BatchCount, schedule.Met, schedule.MetPerSecond));
        }
    }

    [Fact]
    public async Task Anneal_Cancelled_Throws()
    {
        foreach (IScheduleAnnealer annealer in (IScheduleAnnealer[])[new CpuAnnealer(), new ExactSchedule(), new PublishedAnnealer(), new RuleSchedule(ScheduleRule.LeastSlack)])
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                async () => await annealer.AnnealAsync(Problems.Of(1, 9, 2), new AnnealingSchedule(), new CancellationToken(canceled: true)));
        }
    }

    [Fact]
    public async Task Anneal_NumbersOutOfRange_Throws()
    {
        AnnealingJob job = new(10, 10);
        foreach (AnnealingProblem bad in (AnnealingProblem[])
        [
            Of(job, maxBatch: 0), Of(job with { InputTokens = 0 }), Of(job with { OutputTokens = 0 }), Of(job with { EndToEndMilliseconds = 0 }),
            Of(job with { TokenMilliseconds = double.NaN }), Of(job, d: -1e6), Of(job, d: double.NaN), Of(job, d: 1e300), Of(job, evaluations: 0), Of(job, time: TimeSpan.Zero),
        ])
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await new CpuAnnealer().AnnealAsync(bad, new AnnealingSchedule(), TestContext.Current.CancellationToken));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuAnnealer(exactJobs: 17));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuAnnealer(exactJobs: -1));
    }

    [Fact]
    public async Task Anneal_SampledLengthsOutOfRange_ThrowsByName()
    {
        AnnealingProblem known = Problems.Of(1, 3, 2);
        foreach (int[] samples in (int[][])[[1, 2], [1, 2, 3, 4], [1, 0, 3], [1, 2, -3], [1, 2, 3, int.MaxValue, int.MaxValue, int.MaxValue]])
        {
            AnnealingProblem bad = new() { Jobs = known.Jobs, SampledOutputTokens = samples, Prefill = known.Prefill, Decode = samples.Length == 6 ? new(0, 0, 0, 1e7) : known.Decode, MaxBatch = 2 };
            ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(async () => await new CpuAnnealer().AnnealAsync(bad, new AnnealingSchedule(), TestContext.Current.CancellationToken));
            Assert.Equal("SampledOutputTokens", refused.ParamName);
        }

        AnnealingJob[] many = [.. Enumerable.Repeat(new AnnealingJob(5, 5), 3_000)];
        AnnealingProblem large = new() { Jobs = many, SampledOutputTokens = Enumerable.Repeat(5, 3_000).ToArray(), Prefill = known.Prefill, Decode = known.Decode, MaxBatch = 3_000 };
        await Assert.ThrowsAsync<ArgumentException>(async () => await new CpuAnnealer().AnnealAsync(large, new AnnealingSchedule(), TestContext.Current.CancellationToken));
        AnnealingProblem empty = new() { Jobs = Array.Empty<AnnealingJob>(), SampledOutputTokens = new[] { 1 }, Prefill = known.Prefill, Decode = known.Decode, MaxBatch = 2 };
        await Assert.ThrowsAsync<ArgumentException>(async () => await new CpuAnnealer().AnnealAsync(empty, new AnnealingSchedule(), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(async () => await new ExactSchedule().AnnealAsync(Problems.Uncertain(known, 3, 1), new AnnealingSchedule(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Anneal_AnyUncertainProblem_IsAScheduleNotBelowTheRules()
    {
        AnnealingSchedule found = new(), rule = new(), again = new();
        var annealer = new CpuAnnealer();
        for (int seed = 0; seed < 60; seed++)
        {
            int jobs = 1 + seed * 7 % 90, maxBatch = 1 + seed % 9;
            AnnealingProblem problem = Problems.Uncertain(Problems.Of(seed, jobs, maxBatch, 1 + seed % 5, evaluations: 1 + seed * 10), 1 + seed * 5 % 37, seed);
            await annealer.AnnealAsync(problem, found, TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Range(0, jobs), found.Order.ToArray().Order());
            Assert.Equal(jobs, found.BatchSizes.ToArray().Sum());
            Assert.InRange(found.BatchSizes.ToArray().Max(), 1, maxBatch);
            Assert.Equal(new ScheduleValue(found.ExpectedMet, found.TotalLatencyMilliseconds, found.MetPerSecond), ScheduleValue.Of(problem, found.Order, found.BatchSizes));
            Assert.Equal(Math.Round(found.ExpectedMet), found.Met);
            Assert.Equal(jobs == 1, found.IsCertifiedOptimal);
            foreach (ScheduleRule order in Enum.GetValues<ScheduleRule>())
            {
                await new RuleSchedule(order).AnnealAsync(problem, rule, TestContext.Current.CancellationToken);
                Assert.True(found.MetPerSecond >= rule.MetPerSecond, $"seed {seed}, {order}");
            }

            await new CpuAnnealer().AnnealAsync(problem, again, TestContext.Current.CancellationToken);
            Assert.Equal(found.Order, again.Order);
            Assert.Equal(found.BatchSizes, again.BatchSizes);
            Assert.Equal(found.Evaluations, again.Evaluations);
        }
    }

    [Fact]
    public async Task Anneal_ScenariosThatAllSayTheSame_FindWhatKnownLengthsFind()
    {
        AnnealingSchedule sampled = new(), known = new();
        double logs = 0;
        for (int seed = 0; seed < 6; seed++)
        {
            AnnealingProblem problem = Problems.Of(seed, 30, 4, 3, evaluations: 20_000);
            AnnealingProblem same = new()
            {
                Jobs = problem.Jobs,
                SampledOutputTokens = Enumerable.Range(0, 3 * 30).Select(i => problem.Jobs.Span[i % 30].OutputTokens).ToArray(),
                Prefill = problem.Prefill,
                Decode = problem.Decode,
                MaxBatch = 4,
                MaxEvaluations = 20_000,
                Seed = 9,
            };
            await new CpuAnnealer().AnnealAsync(problem, known, TestContext.Current.CancellationToken);
            await new CpuAnnealer().AnnealAsync(same, sampled, TestContext.Current.CancellationToken);
            Assert.Equal(ScheduleValue.Of(problem, sampled.Order, sampled.BatchSizes).MetPerSecond, sampled.MetPerSecond, 9);
            logs += Math.Log(sampled.MetPerSecond / known.MetPerSecond) / 6;
        }

        Assert.InRange(Math.Exp(logs), 0.99, 1.01);
    }

    private static AnnealingProblem Of(AnnealingJob job, int maxBatch = 2, double d = 1, long? evaluations = null, TimeSpan? time = null) => new()
    {
        Jobs = new[] { job, job },
        Prefill = new LatencyCoefficients(0, 0, 0, d),
        Decode = Problems.Decode,
        MaxBatch = maxBatch,
        MaxEvaluations = evaluations,
        MaxTime = time,
    };

    private sealed class TimeThatPasses(TimeSpan perLook) : TimeProvider
    {
        public int Looks { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Looks++ * perLook.Ticks;
    }
}
