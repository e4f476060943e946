using FsCheck;
using FsCheck.Fluent;
using LlmScheduling.Tests.Annealing;

namespace LlmScheduling.Cuda.Tests.Annealing;

public sealed unsafe class AnnealingKernelTests
{
    [Fact]
    public void Launches_AnyProblem_WriteWhatTheReferenceWrites()
    {
        HostMemoryDevice.Launcher kernel = KernelCompiler.Host();
        Gen<(int Jobs, int MaxBatch, int Scenarios, int Seed, int Shared)> problems =
            from jobs in Gen.Choose(1, 300)
            from maxBatch in Gen.Choose(1, 32)
            from scenarios in Gen.OneOf(Gen.Constant(0), Gen.Choose(1, 80))
            from seed in Gen.Choose(0, 1_000_000)
            from shared in Gen.Elements(232_448, 30_000, 0)
            select (jobs, maxBatch, scenarios, seed, shared);
        Prop.ForAll(problems.ToArbitrary(), drawn =>
        {
            AnnealingProblem problem = Problems.Uncertain(Problems.Of(drawn.Seed, drawn.Jobs, drawn.MaxBatch, 1 + drawn.Seed % 5, evaluations: 6_000), drawn.Scenarios, drawn.Seed);
            AssertSame(problem, kernel, chains: 8, drawn.Shared);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Theory]
    [InlineData(200, 8, 256, 20_000)]
    [InlineData(40, 4, 300, 20_000)]
    [InlineData(2, 2, 33, 3_000)]
    [InlineData(13, 13, 64, 30_000)]
    public void Launches_LongSearch_WriteWhatTheReferenceWrites(int jobs, int maxBatch, int scenarios, int evaluations) =>
        AssertSame(Problems.Uncertain(Problems.Of(7, jobs, maxBatch, 3, evaluations), scenarios, 7), KernelCompiler.Host(), chains: 4, 232_448);

    private static void AssertSame(AnnealingProblem problem, HostMemoryDevice.Launcher kernel, int chains, int sharedBytes)
    {
        LaunchRecord record = new(kernel), expected = new(new ReferenceChains(problem).Run);
        AnnealingSchedule found = new(), reference = new();
        using var device = new HostMemoryDevice(record.Run, sharedBytes);
        using var referenceDevice = new HostMemoryDevice(expected.Run, sharedBytes);
        new ChainSearch(TimeProvider.System, chains).Run(device, problem, found, TestContext.Current.CancellationToken);
        new ChainSearch(TimeProvider.System, chains).Run(referenceDevice, problem, reference, TestContext.Current.CancellationToken);
        Assert.InRange(device.Launches, 1, int.MaxValue);
        Assert.Equal(expected.Values, record.Values);
        Assert.Equal(expected.Schedules, record.Schedules);
        Assert.Equal(reference.Order, found.Order);
        Assert.Equal(reference.BatchSizes, found.BatchSizes);
        Assert.Equal(reference.MetPerSecond, found.MetPerSecond);
    }
}
