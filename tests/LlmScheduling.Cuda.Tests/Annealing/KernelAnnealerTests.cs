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

    [Fact]
    public async Task EveryKindOfDriverCall_MayFail_AndTheResultComesAndNothingLeaks()
    {
        using var driver = new StandInDriver();
        AnnealingProblem problem = Problem(seed: 2);
        foreach (string function in new[] { "cuCtxCreate_v2", "cuModuleLoadDataEx", "cuModuleGetFunction", "cuMemAlloc_v2", "cuMemcpyHtoDAsync_v2", "cuStreamSynchronize", "cuLaunchKernel", "cuMemcpyDtoHAsync_v2" })
        {
            driver.Fail(function, 1, 719, losesContexts: true);
            using (CudaAnnealer annealer = Annealer(driver))
            {
                (_, int[] order) = await SolveAsync(annealer, problem);
                Assert.StartsWith(function + " failed with 719", annealer.CpuReason, StringComparison.Ordinal);
                Assert.Equal(Enumerable.Range(0, Jobs), order.Order());
            }

            Assert.Equal(0, driver.Outstanding());
        }
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

    private static CudaAnnealer Annealer(StandInDriver driver) => new(driver.FilePath, 0, new ManualTimeProvider(), new LogLines(), null);

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

    private static AnnealingProblem Problem(int seed, int jobs = Jobs)
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
            MaxEvaluations = 100_000,
            Seed = (ulong)seed,
        };
    }
}
