namespace LlmScheduling.Cuda.Tests;

public sealed class CudaDeviceTests
{
    [Fact]
    public void All_OfADriverWithDevices_DescribesThem()
    {
        using var driver = new StandInDriver();
        driver.SetDevices(2, 3UL << 30);
        IReadOnlyList<CudaDevice> devices = CudaDevice.All(driver.FilePath, out string? whyNone);
        Assert.Null(whyNone);
        Assert.Equal([0, 1], devices.Select(device => device.Index));
        CudaDevice second = devices[1];
        Assert.Equal(("Stand-in device", 3L << 30, new Version(7, 5), new Version(12, 8)), (second.Name, second.TotalMemoryBytes, second.ComputeCapability, second.DriverVersion));
        Assert.Equal(3L << 30, second.FreeMemoryBytes());
        Assert.Equal("CUDA device 1: Stand-in device, 3072 MiB, compute capability 7.5", second.ToString());
    }

    [Fact]
    public void All_WithoutADriver_SaysSo()
    {
        Assert.Empty(CudaDevice.All("/no/such/libcuda.so.1", out string? whyNone));
        Assert.Equal("There is no NVIDIA driver: /no/such/libcuda.so.1 cannot be loaded.", whyNone);
    }

    [Theory]
    [InlineData("cuInit")]
    [InlineData("cuMemGetInfo_v2")]
    [InlineData("cuLaunchKernel")]
    public void All_OfADriverWithoutAFunction_NamesIt(string function)
    {
        using var driver = new StandInDriver(without: function);
        Assert.Empty(CudaDevice.All(driver.FilePath, out string? whyNone));
        Assert.Equal($"The NVIDIA driver is too old: it has no {function}.", whyNone);
    }

    [Fact]
    public void FreeMemoryBytes_OfADriverThatCreatesContextsInTheNewFormOnly_Works()
    {
        using var driver = new StandInDriver(without: "cuCtxCreate_v2");
        Assert.Equal(1L << 30, CudaDevice.All(driver.FilePath, out _)[0].FreeMemoryBytes());
        Assert.Equal(1, driver.Calls("cuCtxCreate_v4"));
    }

    [Fact]
    public void All_OfADriverWithoutDevices_SaysSo()
    {
        using var driver = new StandInDriver();
        driver.SetDevices(0);
        Assert.Empty(CudaDevice.All(driver.FilePath, out string? whyNone));
        Assert.Equal("cuInit failed with 100 (an error that the driver has no name for).", whyNone);
    }

    [Fact]
    public void All_WhereAnyCallFails_GivesTheReason()
    {
        using var driver = new StandInDriver();
        CudaDevice.All(driver.FilePath, out _);
        long calls = driver.Calls();
        for (long call = 1; call <= calls; call++)
        {
            driver.Fail("", call, 999);
            Assert.Empty(CudaDevice.All(driver.FilePath, out string? whyNone));
            Assert.Contains(" failed with 999 (an error that the driver has no name for).", whyNone, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FreeMemoryBytes_WhereTheDriverFails_NamesTheFunction()
    {
        using var driver = new StandInDriver();
        CudaDevice device = CudaDevice.All(driver.FilePath, out _)[0];
        foreach (string function in new[] { "cuCtxCreate_v2", "cuCtxPushCurrent_v2", "cuMemGetInfo_v2" })
        {
            driver.Fail(function, 1, 2);
            Assert.StartsWith(function + " failed with 2 (CUDA_ERROR_OUT_OF_MEMORY", Assert.Throws<CudaDriverException>(() => device.FreeMemoryBytes()).Message, StringComparison.Ordinal);
            Assert.Equal(0, driver.Outstanding());
        }
    }

    [Fact]
    public async Task All_FromManyThreads_Works()
    {
        using var driver = new StandInDriver();
        long[] free = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => CudaDevice.All(driver.FilePath, out string? _)[0].FreeMemoryBytes())));
        Assert.All(free, bytes => Assert.Equal(1L << 30, bytes));
    }

    [Fact]
    public void All_OfThisMachine_GivesDevicesOrAReason()
    {
        var lines = new List<string>();
        IReadOnlyList<CudaDevice> devices = CudaDevice.All(out string? whyNone);
        foreach (CudaDevice device in devices)
            lines.Add($"{device}, {device.FreeMemoryBytes() >> 20} MiB free, CUDA {device.DriverVersion}");
        if (whyNone is not null)
            lines.Add(whyNone);
        Assert.NotEmpty(lines);
        Assert.Equal(whyNone is null, lines[0].StartsWith("CUDA device 0: ", StringComparison.Ordinal));
    }
}
