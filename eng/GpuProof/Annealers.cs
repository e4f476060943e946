using Microsoft.Extensions.Logging.Abstractions;

namespace LlmScheduling.GpuProof;

/// <summary>The annealer on the card, counted, and the same annealer over the stand-in driver, which runs the kernel's source as the host compiled it.</summary>
internal static class Annealers
{
    /// <summary>The stand-in driver, which packing leaves beside the program where there was a C++ compiler; null where it is not.</summary>
    public static string? StandIn { get; } = Path.Combine(AppContext.BaseDirectory, "standin-driver.so") is var path && File.Exists(path) ? path : null;

    /// <summary>Why there is no card; null where there is one.</summary>
    public static string? WhyNoDevice
    {
        get
        {
            _ = CudaDevice.All(out string? whyNone);
            return whyNone;
        }
    }

    /// <param name="driver">A driver's library; null for the system's.</param>
    /// <param name="watch">Hears of every call that runs on the device.</param>
    public static CudaAnnealer Open(string? driver, Action<CountingDevice>? watch = null)
    {
        var search = new ChainSearch(TimeProvider.System);
        return new CudaAnnealer(driver, 0, TimeProvider.System, NullLoggerFactory.Instance, null, Search, DeviceChoice.WhyNot, AnnealingKernels.Read);

        void Search(IKernelDevice device, AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken)
        {
            var counting = new CountingDevice(device);
            search.Run(counting, problem, result, cancellationToken);
            watch?.Invoke(counting);
        }
    }
}
