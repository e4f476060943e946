using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.Cuda.Tests;

public sealed class UseCudaAnnealingTests
{
    [Fact]
    public async Task UseCudaAnnealing_OfAScheduler_RegistersOneAnnealerThatTheContainerDisposes()
    {
        var services = new ServiceCollection();
        services.AddLlmScheduler()
            .UsePolicy(new AnnealedSlo())
            .UseCudaAnnealing();
        services.AddLlmAdmissionGate().UseCudaAnnealing(device: 1);
        CudaAnnealer annealer;
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            Assert.NotNull(provider.GetRequiredService<BatchScheduler>());
            annealer = provider.GetRequiredService<CudaAnnealer>();
            Assert.Same(annealer, provider.GetRequiredService<IScheduleAnnealer>());
            var result = new AnnealingSchedule();
            await annealer.AnnealAsync(AnnealerRig.Problem(5), result, CancellationToken.None);
            Assert.Equal(5, result.JobCount);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => annealer.AnnealAsync(AnnealerRig.Problem(5), new AnnealingSchedule()).AsTask());
    }

    [Fact]
    public async Task AnnealAsync_AsDocumented_WorksOnAnyMachine()
    {
        AnnealingProblem problem = AnnealerRig.Problem(5);
        var schedule = new AnnealingSchedule();
        CancellationToken cancellationToken = CancellationToken.None;
        using var annealer = new CudaAnnealer();
        await annealer.AnnealAsync(problem, schedule, cancellationToken);
        Assert.Equal(5, schedule.JobCount);
        Assert.StartsWith("The problem has 0 scenarios", annealer.CpuReason, StringComparison.Ordinal);
    }

    [Fact]
    public void UseCudaAnnealing_WhereAnAnnealerIsRegistered_KeepsIt()
    {
        var services = new ServiceCollection();
        var own = new CpuAnnealer();
        services.AddSingleton<IScheduleAnnealer>(own);
        services.AddLlmScheduler().UseCudaAnnealing();
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Same(own, provider.GetRequiredService<IScheduleAnnealer>());
    }

    [Fact]
    public void UseCudaAnnealing_OfADeviceBelowZero_Refuses() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceCollection().AddLlmScheduler().UseCudaAnnealing(-1));
}
