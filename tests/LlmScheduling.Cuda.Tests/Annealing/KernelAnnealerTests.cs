using LlmScheduling.Tests;

namespace LlmScheduling.Cuda.Tests;

/// <summary>The annealer as users have it, with its own search and its own kernel, over the stand-in driver.</summary>
public sealed class KernelAnnealerTests
{
    private const int Jobs = 20, Scenarios = 40;

    [Fact]
    public async Task AnnealAsync_OfManyScenarios_RunsTheKernelAndKeepsItsLaws()
    {
        using var driver = new StandInDriver();
        using CudaAnnealer annealer = Annealer(driver);
        AnnealingProblem problem = Problem(seed: 1);
        (double value, int[] order) = await SolveAsync(annealer, problem);
        Assert.Null(annealer.CpuReason);
        Assert.True(driver.Calls("cuLaunchKernel") > 1);
        Assert.Equal(Enumerable.Range(0, Jobs), order.Order());
        AssertSame((value, order), await SolveAsync(annealer, problem));
        foreach (ScheduleRule rule in Enum.GetValues<ScheduleRule>())
        {
            var byRule = new AnnealingSchedule();
            await new RuleSchedule(rule).AnnealAsync(problem, byRule, CancellationToken.None);
            Assert.True(value >= byRule.MetPerSecond, rule.ToString());
        }
    }

    [Fact]
    public async Task AnnealAsync_OfProblemsOfAllSizes_UsesOneContextAndRemembersNothing()
    {
        using var driver = new StandInDriver();
        using CudaAnnealer annealer = Annealer(driver);
        foreach (int jobs in new[] { 16, 60, 17, 40 })
        {
            AnnealingProblem problem = Problem(seed: jobs, jobs);
            (double value, int[] order) = await SolveAsync(annealer, problem);
            Assert.Null(annealer.CpuReason);
            Assert.Equal(Enumerable.Range(0, jobs), order.Order());
            using CudaAnnealer fresh = Annealer(driver);
            AssertSame((value, order), await SolveAsync(fresh, problem));
        }

        Assert.Equal(5, driver.Calls("cuCtxCreate_v2"));
    }

    [Theory]
    [InlineData(719, true)]
    [InlineData(2, false)]
    public async Task EveryDriverCall_MayFail_AndTheResultComesAndNothingLeaks(int code, bool losesContexts)
    {
        using var driver = new StandInDriver();
        AnnealingProblem problem = Problem(seed: 2, evaluations: 1_500);
        long calls = 0, onCpu = 0;
        for (long call = 0; call <= calls; call++)
        {
            driver.Fail("", call, code, losesContexts);
            long before = driver.Calls();
            using (CudaAnnealer annealer = Annealer(driver, _ => null))
            {
                (_, int[] order) = await SolveAsync(annealer, problem);
                Assert.Equal(Enumerable.Range(0, Jobs), order.Order());
                onCpu += annealer.CpuReason is null ? 0 : 1;
            }

            Assert.Equal(0, driver.Outstanding());
            calls = call == 0 ? driver.Calls() - before : calls;
        }

        // Of these, the calls that release do no harm.
        Assert.InRange(onCpu, 50, calls - 1);
    }

    [Fact]
    public async Task AnnealAsync_ManyTimes_AllocatesNothingAnywhere()
    {
        using var driver = new StandInDriver();
        using CudaAnnealer annealer = Annealer(driver, _ => null);
        AnnealingProblem problem = Problem(seed: 3, evaluations: 512);
        var result = new AnnealingSchedule();
        await annealer.AnnealAsync(problem, result);
        long outstanding = driver.Outstanding(), allocations = driver.Calls("cuMemAlloc_v2");
        bool isDone = true;
        long allocated = Allocated.Least(() =>
        {
            for (int solve = 0; solve < 50; solve++)
                isDone &= annealer.AnnealAsync(problem, result).IsCompletedSuccessfully;
        });
        Assert.Equal((true, 0L), (isDone, allocated));
        Assert.Equal((outstanding, allocations), (driver.Outstanding(), driver.Calls("cuMemAlloc_v2")));
        Assert.Null(annealer.CpuReason);
    }

    [Fact]
    public async Task AnnealAsync_OfAPlainProblem_RunsOnTheCpu()
    {
        using var driver = new StandInDriver();
        using CudaAnnealer annealer = Annealer(driver);
        await SolveAsync(annealer, AnnealerRig.Problem(40));
        Assert.StartsWith("The problem has 0 scenarios", annealer.CpuReason, StringComparison.Ordinal);
        Assert.Equal(0, driver.Calls("cuLaunchKernel"));
    }

    [Fact]
    public async Task AnnealAsync_OnThisMachinesDevice_EqualsTheKernelOnTheHost()
    {
        Assert.SkipWhen(CudaDevice.All(out string? whyNone).Count == 0, $"This machine has no CUDA device. {whyNone}");
        using var driver = new StandInDriver();
        using CudaAnnealer host = Annealer(driver);
        using var device = new CudaAnnealer();
        foreach (int jobs in new[] { 16, 40, 200 })
        {
            AnnealingProblem problem = Problem(seed: jobs, jobs);
            AssertSame(await SolveAsync(host, problem), await SolveAsync(device, problem));
            Assert.Null(device.CpuReason);
        }
    }

    private static CudaAnnealer Annealer(StandInDriver driver, Func<AnnealingProblem, string?>? whyNot = null)
    {
        var clock = new ManualTimeProvider();
        return new CudaAnnealer(driver.FilePath, 0, clock, new LogLines(), null, new ChainSearch(clock).Run, whyNot ?? DeviceChoice.WhyNot, AnnealingKernels.Read);
    }

    private static async Task<(double Value, int[] Order)> SolveAsync(CudaAnnealer annealer, AnnealingProblem problem)
    {
        var result = new AnnealingSchedule();
        await annealer.AnnealAsync(problem, result, CancellationToken.None);
        return (result.MetPerSecond, result.Order.ToArray());
    }

    private static void AssertSame((double Value, int[] Order) expected, (double Value, int[] Order) actual)
    {
        Assert.Equal(expected.Order, actual.Order);
        Assert.Equal(expected.Value, actual.Value);
    }

    private static AnnealingProblem Problem(int seed, int jobs = Jobs, long evaluations = 100_000)
    {
        var random = new Random(seed);
        AnnealingJob[] all = [.. Enumerable.Range(0, jobs).Select(_ => new AnnealingJob(random.Next(10, 600), random.Next(10, 300)) { EndToEndMilliseconds = random.Next(1_000, 2_000 * jobs) })];
        return new AnnealingProblem
        {
            Jobs = all,
            SampledOutputTokens = Enumerable.Range(0, Scenarios * jobs).Select(i => 1 + random.Next(2 * all[i % jobs].OutputTokens)).ToArray(),
            Prefill = new LatencyCoefficients(0.1, 5.7, 0.01, 43.67),
            Decode = new LatencyCoefficients(0.0002, 0.275, 0.00088, 15.85),
            MaxBatch = 4,
            MaxEvaluations = evaluations,
            Seed = (ulong)seed,
        };
    }
}
