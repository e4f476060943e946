using System.Globalization;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Many calls. LLMSCHED_CUDA_SOLVES sets how many the leak test makes; 10,000 unless set.</summary>
public sealed class CudaAnnealerSoakTests
{
    private const long Slack = 12L << 20;

    [Fact]
    public async Task AnnealAsync_TenThousandTimesWithFailures_KeepsAFlatWorkingSetAndLeavesNothing()
    {
        int solves = int.Parse(Environment.GetEnvironmentVariable("LLMSCHED_CUDA_SOLVES") ?? "10000", CultureInfo.InvariantCulture);
        using var rig = new AnnealerRig();
        using CudaAnnealer annealer = rig.Annealer();
        long before = 0;
        int onCpu = 0;
        for (int i = 0; i < solves; i++)
        {
            if (i == solves / 4)
                before = WorkingSet();
            if (i % 50 == 49)
                rig.Driver.Fail("", 1 + i % 7, i % 100 < 50 ? 2 : 719, losesContexts: i % 100 >= 50);
            onCpu += await AnnealerRig.SolvedOnDeviceAsync(annealer, 1 + i % 40) ? 0 : 1;
            rig.Clock.Advance(RetryPause.Longest);
        }

        rig.Driver.FailNothing();
        for (int i = 0; i < 2; i++)
        {
            await AnnealerRig.SolvedOnDeviceAsync(annealer);
            rig.Clock.Advance(RetryPause.Longest);
        }

        long grown = WorkingSet() - before;
        Assert.True(grown < Slack, $"The working set grew by {grown >> 10} KiB over the last three quarters of {solves} solves.");
        Assert.InRange(onCpu, solves / 100, solves / 25);
        // A context, a module, a stream and one buffer.
        Assert.Equal(4, rig.Driver.Outstanding());
    }

    private static long WorkingSet()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }
}
