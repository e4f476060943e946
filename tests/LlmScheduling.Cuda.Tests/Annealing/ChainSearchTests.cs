using LlmScheduling.Tests;
using LlmScheduling.Tests.Annealing;

namespace LlmScheduling.Cuda.Tests.Annealing;

public sealed class ChainSearchTests
{
    [Fact]
    public async Task Run_AnyProblem_IsAScheduleNotBelowTheRules()
    {
        AnnealingSchedule found = new(), rule = new();
        using var device = new HostMemoryDevice(KernelCompiler.Host());
        var search = new ChainSearch(TimeProvider.System, chains: 4);
        for (int seed = 0; seed < 40; seed++)
        {
            int jobs = 1 + seed * 7 % 90, maxBatch = 1 + seed % 9, evaluations = 1 + seed * 100;
            AnnealingProblem problem = Problems.Uncertain(Problems.Of(seed, jobs, maxBatch, 1 + seed % 5, evaluations), seed % 3 == 0 ? 0 : 1 + seed, seed);
            search.Run(device, problem, found, TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Range(0, jobs), found.Order.ToArray().Order());
            Assert.Equal(jobs, found.BatchSizes.ToArray().Sum());
            Assert.InRange(found.BatchSizes.ToArray().Max(), 1, maxBatch);
            foreach (ScheduleRule order in Enum.GetValues<ScheduleRule>())
            {
                await new RuleSchedule(order).AnnealAsync(problem, rule, TestContext.Current.CancellationToken);
                Assert.True(found.MetPerSecond >= rule.MetPerSecond, $"seed {seed}, {order}");
            }
        }
    }

    [Fact]
    public void Run_BoundedByEvaluations_SpendsThemAndFindsTheSameAgain()
    {
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(4, 60, 4, 3, evaluations: 40_000), 40, 4);
        AnnealingSchedule found = new(), again = new();
        using (var device = new HostMemoryDevice(KernelCompiler.Host()))
            new ChainSearch(TimeProvider.System, chains: 8).Run(device, problem, found, TestContext.Current.CancellationToken);
        using (var device = new HostMemoryDevice(KernelCompiler.Host(), mostSharedBytes: 8_000))
        {
            var used = new ChainSearch(TimeProvider.System, chains: 8);
            used.Run(device, Problems.Uncertain(Problems.Of(5, 70, 8, 3, evaluations: 9_000), 50, 4), again, TestContext.Current.CancellationToken);
            used.Run(device, problem, again, TestContext.Current.CancellationToken);
        }

        Assert.Equal(found.Order, again.Order);
        Assert.Equal(found.BatchSizes, again.BatchSizes);
        Assert.InRange(found.Evaluations, 39_900, 40_000);
        Assert.Equal(found.Evaluations, again.Evaluations);
    }

    [Fact]
    public void Run_LongEnough_BeatsItsStart()
    {
        AnnealingSchedule start = new(), found = new();
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(4, 80, 4, 4, evaluations: 60_000), 64, 4);
        using var device = new HostMemoryDevice(KernelCompiler.Host());
        using var still = new HostMemoryDevice((grid, block, sharedBytes, launch) => KernelCompiler.Host()(grid, block, sharedBytes, launch with { Moves = 0 }));
        new ChainSearch(TimeProvider.System, chains: 8).Run(still, problem, start, TestContext.Current.CancellationToken);
        new ChainSearch(TimeProvider.System, chains: 8).Run(device, problem, found, TestContext.Current.CancellationToken);
        Assert.InRange(found.MetPerSecond, start.MetPerSecond * 1.01, start.MetPerSecond * 5);
    }

    [Fact]
    public void Run_BoundedByTime_StopsAfterTheLaunchInWhichItEnded()
    {
        var time = new ManualTimeProvider();
        using var device = new HostMemoryDevice((grid, block, sharedBytes, launch) =>
        {
            KernelCompiler.Host()(grid, block, sharedBytes, launch);
            time.Advance(TimeSpan.FromMilliseconds(4));
        });
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(4, 30, 4, 3, evaluations: 20_000, time: TimeSpan.FromMilliseconds(10)), 40, 4);
        new ChainSearch(time, chains: 2).Run(device, problem, new AnnealingSchedule(), TestContext.Current.CancellationToken);
        Assert.Equal(3, device.Launches);
    }

    [Theory]
    [InlineData(0.5, 10)]
    [InlineData(0.5, 1_000)]
    [InlineData(0.05, 50)]
    public void Run_OfMovesThatTakeLong_LaunchesSoFewThatTimeIsKept(double millisecondsPerMove, double milliseconds)
    {
        var time = new ManualTimeProvider();
        var moves = new List<int>();
        HostMemoryDevice.Launcher kernel = KernelCompiler.Host();
        using var device = new HostMemoryDevice((grid, block, sharedBytes, launch) =>
        {
            kernel(grid, block, sharedBytes, launch with { Moves = 0 });
            moves.Add(launch.Moves);
            time.Advance(TimeSpan.FromMilliseconds(launch.Moves * millisecondsPerMove));
        });
        // Before the first launch the clock stands still: evaluations end the search for a start.
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(4, 30, 4, 3, evaluations: 2_000_000, time: TimeSpan.FromMilliseconds(milliseconds)), 40, 4);
        long began = time.GetTimestamp();
        new ChainSearch(time, chains: 2).Run(device, problem, new AnnealingSchedule(), TestContext.Current.CancellationToken);
        double goal = Math.Clamp(milliseconds / 64, 1, 10);
        Assert.InRange(time.GetElapsedTime(began).TotalMilliseconds, milliseconds, milliseconds + goal);
        Assert.InRange(moves.Skip(1).Max() * millisecondsPerMove, goal / 2, goal * 1.5);
    }

    [Fact]
    public void Run_OfFastMoves_WaitsOnceForManyLaunches()
    {
        var time = new ManualTimeProvider();
        HostMemoryDevice.Launcher kernel = KernelCompiler.Host();
        using var device = new HostMemoryDevice((grid, block, sharedBytes, launch) =>
        {
            kernel(grid, block, sharedBytes, launch with { Moves = 0 });
            time.Advance(TimeSpan.FromMicroseconds(2 * launch.Moves));
        });
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(4, 30, 4, 3, evaluations: 2_000_000, time: TimeSpan.FromMilliseconds(50)), 40, 4);
        new ChainSearch(time, chains: 2).Run(device, problem, new AnnealingSchedule(), TestContext.Current.CancellationToken);
        Assert.InRange(device.Launches, 700, 900);
        Assert.InRange(device.Waits, 50, 80);
    }

    [Fact]
    public void Run_WhoseTimeIsOverAtTheStart_TriesNoMove()
    {
        var moves = new List<int>();
        HostMemoryDevice.Launcher kernel = KernelCompiler.Host();
        using var device = new HostMemoryDevice((grid, block, sharedBytes, launch) =>
        {
            kernel(grid, block, sharedBytes, launch);
            moves.Add(launch.Moves);
        });
        var found = new AnnealingSchedule();
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(4, 30, 4, 3, evaluations: null, time: TimeSpan.FromMilliseconds(1)), 40, 4);
        new ChainSearch(new CountingClock(), chains: 2).Run(device, problem, found, TestContext.Current.CancellationToken);
        Assert.Equal([0], moves);
        Assert.Equal(30, found.JobCount);
    }

    [Fact]
    public void Run_OfAnyProblem_ReadsBackNothingThatWasNeverWritten()
    {
        HostMemoryDevice.Launcher kernel = KernelCompiler.Host();
        bool isWritten = true;
        using var device = new HostMemoryDevice((grid, block, sharedBytes, launch) =>
        {
            kernel(grid, block, sharedBytes, launch);
            isWritten &= !LaunchRecord.Whole(launch.BestSchedules, grid, launch.Jobs).Contains(unchecked((int)0xCDCDCDCD));
        });
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(4, 30, 4, 3, evaluations: 5_000), 40, 4);
        new ChainSearch(TimeProvider.System, chains: 2).Run(device, problem, new AnnealingSchedule(), TestContext.Current.CancellationToken);
        Assert.True(isWritten);
    }

    [Fact]
    public void Run_CancelledBetweenLaunches_Throws()
    {
        using var stop = new CancellationTokenSource();
        HostMemoryDevice.Launcher kernel = KernelCompiler.Host();
        using var device = new HostMemoryDevice((grid, block, sharedBytes, launch) =>
        {
            kernel(grid, block, sharedBytes, launch);
            if (launch.Launch == 2)
                stop.Cancel();
        });
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(4, 30, 4, 3, evaluations: 200_000), 40, 4);
        Assert.Throws<OperationCanceledException>(() => new ChainSearch(TimeProvider.System, chains: 2).Run(device, problem, new AnnealingSchedule(), stop.Token));
        Assert.Equal(3, device.Launches);
    }

    [Fact]
    public void Run_NoJobs_IsAnEmptySchedule()
    {
        var found = new AnnealingSchedule();
        using var device = new HostMemoryDevice((_, _, _, _) => Assert.Fail("Nothing is to be launched."));
        new ChainSearch(TimeProvider.System).Run(device, Problems.Of(1, 0, 2), found, TestContext.Current.CancellationToken);
        Assert.Equal((0, true), (found.JobCount, found.IsCertifiedOptimal));
    }
}
