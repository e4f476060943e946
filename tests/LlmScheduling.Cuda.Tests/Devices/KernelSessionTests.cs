namespace LlmScheduling.Cuda.Tests;

/// <summary>Memory, copies and launches, over a driver that checks what it is given.</summary>
public sealed class KernelSessionTests
{
    private static readonly int[] Numbers = [.. Enumerable.Range(1, 100)];

    [Fact]
    public void Launch_OfAKernel_RunsItOverTheWholeGrid()
    {
        using var driver = new StandInDriver();
        using var session = new KernelSession(driver.Open(), 0, ScaleKernel.Ptx);
        using (session.Enter())
        {
            Assert.Equal(Numbers.Select(number => number * 6), Scaled(session, 2, 3));
            Assert.Equal(227 << 10, session.MostSharedBytes);
        }
    }

    [Fact]
    public void Buffer_OfASlot_IsKeptUntilItMustGrow()
    {
        using var driver = new StandInDriver();
        using var session = new KernelSession(driver.Open(), 0, ScaleKernel.Ptx);
        using DeviceContext.Scope scope = session.Enter();
        ulong first = session.Buffer(3, 100);
        Assert.Equal(first, session.Buffer(3, 1_000));
        Assert.NotEqual(first, session.Buffer(4, 100));
        Assert.NotEqual(0UL, session.Buffer(3, 1_000_000));
        Assert.Equal((3L, 1L), (driver.Calls("cuMemAlloc_v2"), driver.Calls("cuMemFree_v2")));
        session.FreeBuffers();
        Assert.Equal(3, driver.Calls("cuMemFree_v2"));
        Assert.Equal(3, driver.Outstanding());
    }

    [Fact]
    public void Buffer_BeyondTheMemory_NamesFunctionCodeAndMeaning()
    {
        using var driver = new StandInDriver();
        driver.SetDevices(1, 1 << 20);
        using var session = new KernelSession(driver.Open(), 0, ScaleKernel.Ptx);
        using DeviceContext.Scope scope = session.Enter();
        CudaDriverException? problem = null;
        try
        {
            session.Buffer(0, 2 << 20);
        }
        catch (CudaDriverException found)
        {
            problem = found;
        }

        Assert.Equal("cuMemAlloc_v2 failed with 2 (CUDA_ERROR_OUT_OF_MEMORY: out of memory).", problem?.Message);
        Assert.Equal(("cuMemAlloc_v2", CudaDriverException.OutOfMemory), (problem!.Function, problem.Code));
    }

    [Theory]
    [InlineData(48 << 10, 0)]
    [InlineData((48 << 10) + 1, 1)]
    public void Launch_WithMoreSharedMemoryThanUsual_AsksForItOnce(int sharedBytes, int asked)
    {
        using var driver = new StandInDriver();
        using var session = new KernelSession(driver.Open(), 0, ScaleKernel.Ptx);
        using DeviceContext.Scope scope = session.Enter();
        Scaled(session, 1, 1, sharedBytes);
        Scaled(session, 1, 1, sharedBytes);
        Assert.Equal((asked, 2L, 1L), (driver.Calls("cuFuncSetAttribute"), driver.Calls("cuLaunchKernel"), driver.Calls("cuModuleGetFunction")));
    }

    [Fact]
    public void Constructor_OfCodeThatIsNoPtx_SaysWhatTheCompilerSays()
    {
        using var driver = new StandInDriver();
        CudaDriver opened = driver.Open();
        string message = Assert.Throws<CudaDriverException>(() => new KernelSession(opened, 0, "no code\0"u8)).Message;
        Assert.Equal("cuModuleLoadDataEx failed with 218 (CUDA_ERROR_INVALID_PTX: a PTX JIT compilation failed; ptxas application ptx input, line 1; fatal : Missing .version directive).", message);
    }

    [Fact]
    public void Constructor_OfADeviceThatIsNotThere_SaysSo()
    {
        using var driver = new StandInDriver();
        CudaDriver opened = driver.Open();
        Assert.Equal("cuDeviceGet failed with 101 (an error that the driver has no name for).", Assert.Throws<CudaDriverException>(() => new KernelSession(opened, 1, ScaleKernel.Ptx)).Message);
    }

    [Fact]
    public void EveryCall_OfASession_MayFailAndLeavesNothing()
    {
        using var driver = new StandInDriver();
        Use(driver);
        long calls = driver.Calls();
        for (long call = 1; call <= calls; call++)
        {
            foreach (bool loses in new[] { false, true })
            {
                driver.Fail("", call, 719, loses);
                try
                {
                    Use(driver);
                }
                catch (CudaDriverException problem)
                {
                    Assert.Equal(719, problem.Code);
                    Assert.Contains(" failed with 719 (CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure", problem.Message, StringComparison.Ordinal);
                }

                driver.FailNothing();
                Assert.Equal(0, driver.Outstanding());
            }
        }

        Use(driver);
    }

    private static void Use(StandInDriver driver)
    {
        using var session = new KernelSession(driver.Open(), 0, ScaleKernel.Ptx);
        using (session.Enter())
        {
            Scaled(session, 1, 2, 100_000);
            session.Buffer(0, 1 << 20);
        }
    }

    private static int[] Scaled(KernelSession session, params ReadOnlySpan<int> factors) => Scaled(session, factors, 0);

    private static int[] Scaled(KernelSession session, int first, int second, int sharedBytes) => Scaled(session, [first * second], sharedBytes);

    private static int[] Scaled(KernelSession session, ReadOnlySpan<int> factors, int sharedBytes)
    {
        ulong values = session.Buffer(0, Numbers.Length * sizeof(int));
        session.CopyTo<int>(values, Numbers);
        foreach (int factor in factors)
            session.Launch(ScaleKernel.Entry, grid: 4, block: 32, sharedBytes, new ScaleKernel(values, Numbers.Length, factor));
        int[] scaled = new int[Numbers.Length];
        session.CopyFrom<int>(scaled, values);
        return scaled;
    }
}
