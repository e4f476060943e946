using LlmScheduling.Tests;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Lost devices and memory that is too small: every call is answered, by the CPU, and the device is used again.</summary>
public sealed class CudaAnnealerFailureTests
{
    private const int Lost = 719;

    [Theory]
    [InlineData(Lost, true)]
    [InlineData(Lost, false)]
    [InlineData(CudaDriverException.OutOfMemory, false)]
    public async Task EveryDriverCall_MayFail_AndTheResultComesAndNothingLeaks(int code, bool losesContexts)
    {
        using var rig = new AnnealerRig();
        long calls = await DriverCallsAsync(rig);
        Assert.True(calls > 20, $"{calls} calls");
        int onCpu = 0;
        for (long call = 1; call <= calls; call++)
        {
            rig.Driver.Fail("", call, code, losesContexts);
            using (CudaAnnealer annealer = rig.Annealer())
            {
                onCpu += await AnnealerRig.SolvedOnDeviceAsync(annealer) ? 0 : 1;
                rig.Driver.FailNothing();
                Assert.True(await RecoversAsync(rig, annealer), $"not recovered from a failure of call {call}");
            }

            Assert.Equal(0, rig.Driver.Outstanding());
        }

        // All but those that release: of these, the failure itself does no harm.
        Assert.InRange(onCpu, 15, calls - 1);
    }

    [Fact]
    public async Task EveryDriverCallOfARecovery_MayFail_AndTheDeviceIsUsedAgain()
    {
        using var rig = new AnnealerRig();
        long calls = await DriverCallsAsync(rig);
        using CudaAnnealer annealer = rig.Annealer();
        for (long call = 1; call <= calls; call++)
        {
            rig.Driver.Fail("cuLaunchKernel", 1, Lost, losesContexts: true);
            Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
            rig.Clock.Advance(RetryPause.Longest);
            rig.Driver.Fail("", call, Lost, losesContexts: true);
            await AnnealerRig.SolvedOnDeviceAsync(annealer);
            rig.Driver.FailNothing();
            Assert.True(await RecoversAsync(rig, annealer), $"not recovered from a failure of call {call}");
            Assert.Equal(4, rig.Driver.Outstanding());
        }
    }

    [Fact]
    public async Task AnnealAsync_OfALostDevice_CountsEveryCallLogsEveryChangeAndRecovers()
    {
        using var rig = new AnnealerRig();
        using CudaAnnealer annealer = rig.Annealer();
        rig.Log.Lines.Clear();
        rig.Driver.Fail("cuStreamSynchronize", 2, Lost, losesContexts: true);
        Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.Equal("cuStreamSynchronize failed with 719 (CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure).", annealer.CpuReason);
        long calls = rig.Driver.Calls();
        rig.Clock.Advance(RetryPause.First - TimeSpan.FromTicks(1));
        Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.Equal(calls, rig.Driver.Calls());
        Assert.Equal((LogLevel.Error, "CUDA failed at annealing, which runs on the CPU until CUDA recovers."), Assert.Single(rig.Log.Lines));

        rig.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.Equal((LogLevel.Information, "CUDA has recovered: annealing runs on it again, after 2 runs on the CPU."), rig.Log.Lines[1]);
        Assert.Equal((2L, 2.0, 2), (rig.Driver.Calls("cuCtxCreate_v2"), rig.FallBacks, rig.Log.Lines.Count));
        Assert.All(rig.Measurements.Of("llm_scheduling.cuda.fallbacks"), one => Assert.Equal("annealing", one.Tags["llm_scheduling.cuda.work"]));
    }

    [Fact]
    public async Task AnnealAsync_OfADeviceThatStaysLost_TriesLessAndLessOften()
    {
        using var rig = new AnnealerRig();
        using CudaAnnealer annealer = rig.Annealer();
        rig.Driver.Fail("cuLaunchKernel", 1, Lost, losesContexts: true);
        Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        for (int seconds = 1; seconds <= 64; seconds *= 2)
        {
            rig.Driver.Fail("cuCtxCreate_v2", 1, 46);
            long tried = rig.Driver.Calls("cuCtxCreate_v2");
            rig.Clock.Advance(TimeSpan.FromSeconds(Math.Min(60, seconds)) - TimeSpan.FromTicks(1));
            Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
            Assert.Equal(tried, rig.Driver.Calls("cuCtxCreate_v2"));
            rig.Clock.Advance(TimeSpan.FromTicks(1));
            Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
            Assert.Equal(tried + 1, rig.Driver.Calls("cuCtxCreate_v2"));
        }

        Assert.Equal([LogLevel.Information, LogLevel.Error], rig.Log.Lines.Select(line => line.Level));
    }

    [Fact]
    public async Task AnnealAsync_OfAProblemThatDoesNotFit_GivesItsMemoryBackAndKeepsTheContext()
    {
        using var rig = new AnnealerRig();
        rig.Driver.SetDevices(1, 100 << 10);
        using CudaAnnealer annealer = rig.Annealer();
        Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        rig.MoreMemory = 1;
        Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.StartsWith("cuMemAlloc_v2 failed with 2 (CUDA_ERROR_OUT_OF_MEMORY", annealer.CpuReason, StringComparison.Ordinal);
        Assert.Equal(3, rig.Driver.Outstanding());
        rig.MoreMemory = 0;
        rig.Clock.Advance(RetryPause.First);
        Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.Equal((1L, 1.0), (rig.Driver.Calls("cuCtxCreate_v2"), rig.FallBacks));
    }

    [Fact]
    public async Task AnnealAsync_WhereTheDriverComesLater_UsesItThenAndSaysSo()
    {
        using var rig = new AnnealerRig();
        rig.Driver.SetDevices(0);
        using CudaAnnealer annealer = rig.Annealer();
        Assert.False(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        rig.Driver.SetDevices(1);
        rig.Clock.Advance(RetryPause.First);
        Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        Assert.Equal([LogLevel.Warning, LogLevel.Information], rig.Log.Lines.Select(line => line.Level));
        Assert.Equal(0, rig.FallBacks);
    }

    [Fact]
    public async Task AnnealAsync_ThatOpensTheDeviceAnew_TakesThatOffTheCallsTime()
    {
        using var rig = new AnnealerRig();
        using CudaAnnealer annealer = rig.Annealer();
        rig.Driver.Fail("cuLaunchKernel", 1, Lost, losesContexts: true);
        await AnnealerRig.SolvedOnDeviceAsync(annealer);
        rig.Clock.Advance(RetryPause.First);
        rig.AtOpening = () => rig.Clock.Advance(TimeSpan.FromMilliseconds(300));
        TimeSpan? given = null;
        rig.AtSearch = (problem, _) => given = problem.MaxTime;
        await annealer.AnnealAsync(AnnealerRig.Problem(3, TimeSpan.FromSeconds(1)), new AnnealingSchedule(), CancellationToken.None);
        Assert.Equal((TimeSpan.FromMilliseconds(700), null), (given, annealer.CpuReason));
    }

    [Fact]
    public async Task AnnealAsync_ThatFallsBackLate_EndsWhenTheCallsTimeIsOver()
    {
        using var rig = new AnnealerRig();
        var clock = new CountingClock();
        using CudaAnnealer annealer = rig.Annealer(clock: clock);
        rig.Driver.Fail("cuLaunchKernel", 1, Lost, losesContexts: true);
        // Every look at the clock takes a millisecond, and the search nine tenths of the second that the call has.
        rig.AtSearch = (_, _) => clock.Milliseconds += 900;
        long began = clock.Milliseconds;
        AnnealingProblem small = AnnealerRig.Problem(100);
        var problem = new AnnealingProblem { Jobs = small.Jobs, Prefill = small.Prefill, Decode = small.Decode, MaxBatch = 4, MaxTime = TimeSpan.FromSeconds(1) };
        await annealer.AnnealAsync(problem, new AnnealingSchedule(), CancellationToken.None);
        Assert.NotNull(annealer.CpuReason);
        Assert.InRange(clock.Milliseconds - began, 950, 1_050);
    }

    /// <summary>A context that is lost by the last call of a solve shows in the next solve, so there may be two of them.</summary>
    private static async Task<bool> RecoversAsync(AnnealerRig rig, CudaAnnealer annealer)
    {
        rig.Clock.Advance(RetryPause.Longest);
        if (await AnnealerRig.SolvedOnDeviceAsync(annealer))
            return true;
        rig.Clock.Advance(RetryPause.Longest);
        return await AnnealerRig.SolvedOnDeviceAsync(annealer);
    }

    private static async Task<long> DriverCallsAsync(AnnealerRig rig)
    {
        long before = rig.Driver.Calls();
        using (CudaAnnealer annealer = rig.Annealer())
            Assert.True(await AnnealerRig.SolvedOnDeviceAsync(annealer));
        return rig.Driver.Calls() - before;
    }
}
