using System.Diagnostics.Metrics;
using LlmScheduling;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Anneals offline problems on CUDA.</summary>
public static class CudaAnnealingBuilderExtensions
{
    /// <summary>
    /// Plans the queue as <see cref="BatchSchedulerBuilder.UseAnnealing"/> without an argument does, on the CPU, since no GPU pays within an
    /// engine's step; and registers a <see cref="CudaAnnealer"/>, also as <see cref="IScheduleAnnealer"/>, for problems that you solve beside it.
    /// </summary>
    /// <remarks>
    /// The annealer is one for all of the container, which disposes it; the first call decides the device, and a registered <see cref="IScheduleAnnealer"/>
    /// stays. The device is opened when the annealer is first resolved; where that fails, it runs on the CPU.
    /// </remarks>
    /// <param name="builder">The scheduler.</param>
    /// <param name="device">Which of the machine's CUDA devices, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="device"/> is below 0.</exception>
    public static BatchSchedulerBuilder UseCudaAnnealing(this BatchSchedulerBuilder builder, int device = 0)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Register(builder.Services, device);
        return builder.UseAnnealing();
    }

    /// <summary>Registers a <see cref="CudaAnnealer"/>, also as <see cref="IScheduleAnnealer"/>, for problems that you solve beside the gate, which has no plans of its own.</summary>
    /// <remarks>
    /// The annealer is one for all of the container, which disposes it; the first call decides the device, and a registered <see cref="IScheduleAnnealer"/>
    /// stays. The device is opened when the annealer is first resolved; where that fails, it runs on the CPU.
    /// </remarks>
    /// <param name="builder">The gate.</param>
    /// <param name="device">Which of the machine's CUDA devices, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="device"/> is below 0.</exception>
    public static AdmissionGateBuilder UseCudaAnnealing(this AdmissionGateBuilder builder, int device = 0)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Register(builder.Services, device);
        return builder;
    }

    private static void Register(IServiceCollection services, int device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        services.TryAddSingleton(provider => new CudaAnnealer(device, provider.GetService<TimeProvider>(), provider.GetService<ILoggerFactory>(), provider.GetService<IMeterFactory>()));
        services.TryAddSingleton<IScheduleAnnealer>(provider => provider.GetRequiredService<CudaAnnealer>());
    }
}
