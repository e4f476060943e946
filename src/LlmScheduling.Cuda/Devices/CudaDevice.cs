using System.Globalization;

namespace LlmScheduling;

/// <summary>An NVIDIA GPU as its driver describes it.</summary>
/// <remarks>What is asked for once does not change; any thread may ask. The order of devices is the driver's, which the environment variable CUDA_VISIBLE_DEVICES may change.</remarks>
public sealed class CudaDevice
{
    private readonly CudaDriver _driver;

    /// <exception cref="CudaDriverException">There is no such device.</exception>
    internal CudaDevice(CudaDriver driver, int index)
    {
        (_driver, Index) = (driver, index);
        Handle = driver.Device(index);
        Name = driver.DeviceName(Handle);
        TotalMemoryBytes = driver.DeviceTotalMemory(Handle);
        ComputeCapability = new Version(driver.DeviceAttribute(DeviceAttribute.ComputeCapabilityMajor, Handle), driver.DeviceAttribute(DeviceAttribute.ComputeCapabilityMinor, Handle));
        int version = driver.Version();
        DriverVersion = new Version(version / 1_000, version % 1_000 / 10);
    }

    /// <summary>Its place among the devices, from 0: what options call the device.</summary>
    public int Index { get; }

    /// <summary>What its maker calls it.</summary>
    public string Name { get; }

    /// <summary>All of its memory, in bytes.</summary>
    public long TotalMemoryBytes { get; }

    /// <summary>What its instructions can do, such as 9.0.</summary>
    public Version ComputeCapability { get; }

    /// <summary>The newest CUDA that the installed driver knows, such as 13.0.</summary>
    public Version DriverVersion { get; }

    internal int Handle { get; }

    /// <summary>Every device that the driver offers, by index; empty where there is none, and then why.</summary>
    /// <param name="whyNone">A sentence: there is no driver, it is too old, it fails, or it has no device; null when there is one.</param>
    public static IReadOnlyList<CudaDevice> All(out string? whyNone) => All(null, out whyNone);

    internal static IReadOnlyList<CudaDevice> All(string? driverPath, out string? whyNone)
    {
        try
        {
            CudaDriver driver = CudaDriver.Open(driverPath);
            int count = driver.DeviceCount();
            whyNone = count == 0 ? "The NVIDIA driver offers no device." : null;
            return [.. Enumerable.Range(0, count).Select(index => new CudaDevice(driver, index))];
        }
        catch (CudaDriverException problem)
        {
            whyNone = problem.Message;
            return [];
        }
    }

    /// <summary>How much of its memory nobody uses now, in bytes. Makes a context for the question, which takes a while and memory of its own.</summary>
    /// <exception cref="InvalidOperationException">The driver refuses; the message names its function, the code and what it means.</exception>
    public long FreeMemoryBytes()
    {
        using var context = new DeviceContext(_driver, Handle);
        using (context.Enter())
            return _driver.FreeMemory();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"CUDA device {Index}: {Name}, {TotalMemoryBytes >> 20} MiB, compute capability {ComputeCapability}");
}
