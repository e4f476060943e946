using LlmScheduling.Tests;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Where calls run, and how they end, over a driver that works.</summary>
public sealed class CudaAnnealerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task AnnealAsync_WithADevice_RunsThereAndSaysSoOnce()
    {
        using var rig = new AnnealerRig();
        using CudaAnnealer annealer = rig.Annealer();
        Assert.NotNull(annealer.CpuReason);
        Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.Equal((LogLevel.Information, "The annealer runs on CUDA device 0: Stand-in device, 1024 MiB, compute capability 7.5."), Assert.Single(rig.Log.Lines));
        Assert.Equal((1L, 1L, 0.0), (rig.Driver.Calls("cuCtxCreate_v2"), rig.Driver.Calls("cuMemAlloc_v2"), rig.FallBacks));
    }

    [Fact]
    public async Task AnnealAsync_OfAProblemForTheCpu_LeavesTheDeviceAlone()
    {
        using var rig = new AnnealerRig { WhyNot = "The problem is small." };
        using CudaAnnealer annealer = rig.Annealer();
        long calls = rig.Driver.Calls();
        Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.Equal(("The problem is small.", calls, 0.0), (annealer.CpuReason, rig.Driver.Calls(), rig.FallBacks));
        rig.WhyNot = null;
        Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
    }

    [Fact]
    public async Task AnnealAsync_WithoutADriver_RunsOnTheCpuWarnsOnceAndCountsNothing()
    {
        using var rig = new AnnealerRig();
        using CudaAnnealer annealer = rig.Annealer(driverPath: "/no/such/libcuda.so.1");
        for (int call = 0; call < 3; call++)
        {
            Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
            rig.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        const string Reason = "There is no NVIDIA driver: /no/such/libcuda.so.1 cannot be loaded.";
        Assert.Equal((Reason, 0.0), (annealer.CpuReason, rig.FallBacks));
        Assert.Equal((LogLevel.Warning, "The annealer runs on the CPU: " + Reason), Assert.Single(rig.Log.Lines));
    }

    [Fact]
    public async Task AnnealAsync_OfADeviceThatIsNotThere_RunsOnTheCpu()
    {
        using var rig = new AnnealerRig();
        using CudaAnnealer annealer = rig.Annealer(device: 3);
        Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.Equal("cuDeviceGet failed with 101 (an error that the driver has no name for).", annealer.CpuReason);
    }

    [Fact]
    public async Task AnnealAsync_OfADeviceThatIsTooOld_SaysWhatItShouldBe()
    {
        using var rig = new AnnealerRig();
        rig.Driver.SetComputeCapability(7, 0);
        using CudaAnnealer annealer = rig.Annealer();
        Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.Equal("CUDA device 0: Stand-in device, 1024 MiB, compute capability 7.0 is too old: the kernels need compute capability 7.5 or newer.", annealer.CpuReason);
        Assert.Equal(0, rig.Driver.Calls("cuCtxCreate_v2"));
    }

    [Fact]
    public async Task AnnealAsync_FromManyThreads_RunsOneAfterAnother()
    {
        using var rig = new AnnealerRig();
        int inside = 0;
        rig.AtSearch = (_, _) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref inside));
            Thread.Yield();
            Interlocked.Decrement(ref inside);
        };
        using CudaAnnealer annealer = rig.Annealer();
        await Task.WhenAll(Enumerable.Range(1, 8).Select(thread => Task.Run(async () =>
        {
            for (int round = 0; round < 50; round++)
            {
                var result = new AnnealingSchedule();
                await annealer.AnnealAsync(AnnealerRig.Problem(thread * 7), result, CancellationToken.None);
                Assert.Equal((thread * 7, AnnealerRig.OnDevice), (result.JobCount, result.Evaluations));
            }
        }))).WaitAsync(Patience);
    }

    [Fact]
    public async Task AnnealAsync_CancelledWhileItRunsOrWaits_ThrowsWithTheCallersTokenAndWorksAgain()
    {
        using var rig = new AnnealerRig();
        using var started = new SemaphoreSlim(0);
        rig.AtSearch = (_, token) =>
        {
            started.Release();
            Assert.True(token.WaitHandle.WaitOne(Patience));
        };
        using CudaAnnealer annealer = rig.Annealer();
        using CancellationTokenSource running = new(), waiting = new();
        Task first = Task.Run(() => AnnealerRig.SolvedOnDeviceAsync(annealer, cancellation: running.Token));
        Assert.True(await started.WaitAsync(Patience));
        Task second = AnnealerRig.SolvedOnDeviceAsync(annealer, cancellation: waiting.Token);
        await waiting.CancelAsync();
        Assert.Equal(waiting.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => second.WaitAsync(Patience))).CancellationToken);
        await running.CancelAsync();
        Assert.Equal(running.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => first.WaitAsync(Patience))).CancellationToken);
        await Assert.ThrowsAsync<OperationCanceledException>(() => AnnealerRig.SolvedOnDeviceAsync(annealer, cancellation: new CancellationToken(canceled: true)));
        rig.AtSearch = null;
        Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
    }

    [Fact]
    public async Task Dispose_WhileACallRuns_EndsItAndThoseThatWaitAndFreesTheDevice()
    {
        using var rig = new AnnealerRig();
        using var started = new SemaphoreSlim(0);
        rig.AtSearch = (_, token) =>
        {
            started.Release();
            Assert.True(token.WaitHandle.WaitOne(Patience));
        };
        CudaAnnealer annealer = rig.Annealer();
        using var cancellation = new CancellationTokenSource();
        Task running = Task.Run(() => AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.True(await started.WaitAsync(Patience));
        Task waiting = AnnealerRig.SolvedOnDeviceAsync(annealer, cancellation: cancellation.Token);
        annealer.Dispose();
        Assert.Equal(0, rig.Driver.Outstanding());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => AnnealerRig.SolvedOnDeviceAsync(annealer));
        annealer.Dispose();
    }

    [Fact]
    public async Task AnnealAsync_OfAWrongProblem_SaysWhatIsWrongAndWorksAgain()
    {
        using var rig = new AnnealerRig();
        using CudaAnnealer annealer = rig.Annealer();
        AnnealingProblem right = AnnealerRig.Problem(3);
        var wrong = new AnnealingProblem { Jobs = right.Jobs, Prefill = right.Prefill, Decode = right.Decode, MaxBatch = 0 };
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => annealer.AnnealAsync(wrong, new AnnealingSchedule()).AsTask());
        Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
    }

    [Fact]
    public async Task AnnealAsync_AfterOneAsLarge_AllocatesNothing()
    {
        using var rig = new AnnealerRig();
        using CudaAnnealer annealer = rig.Annealer();
        AnnealingProblem problem = AnnealerRig.Problem(20);
        var result = new AnnealingSchedule();
        await annealer.AnnealAsync(problem, result);
        bool isDone = true;
        long allocated = Allocated.Least(() =>
        {
            for (int call = 0; call < 100; call++)
                isDone &= annealer.AnnealAsync(problem, result).IsCompletedSuccessfully;
        });
        Assert.Equal((true, 0L), (isDone, allocated));
    }

    [Fact]
    public void Constructor_OfADeviceBelowZero_Refuses() => Assert.Throws<ArgumentOutOfRangeException>(() => new CudaAnnealer(-1));
}
