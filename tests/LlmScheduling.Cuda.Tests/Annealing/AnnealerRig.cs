using LlmScheduling.Tests;

namespace LlmScheduling.Cuda.Tests;

/// <summary>
/// An annealer over the stand-in driver, with a search that a test can look into: it sends the jobs' numbers through a kernel,
/// and places them in that order, one a batch. Disposal asserts that the driver was used well and nothing is left of it.
/// </summary>
internal sealed class AnnealerRig : IDisposable
{
    /// <summary>What the search says it evaluated, so that a result tells where it came from.</summary>
    public const long OnDevice = 7_000_007;

    private readonly OneMeterFactory _meters = new();

    public AnnealerRig() => Measurements = _meters.Listen();

    public StandInDriver Driver { get; } = new();

    public ManualTimeProvider Clock { get; } = new();

    public LogLines Log { get; } = new();

    public Measurements Measurements { get; }

    /// <summary>Called when a search begins, inside the context.</summary>
    public Action<AnnealingProblem, CancellationToken>? AtSearch { get; set; }

    /// <summary>Memory that the search asks for beside what it needs, in bytes.</summary>
    public long MoreMemory { get; set; }

    /// <summary>Called whenever the device is opened.</summary>
    public Action? AtOpening { get; set; }

    /// <summary>Why the problem is for the CPU.</summary>
    public string? WhyNot { get; set; }

    public double FallBacks => Measurements.Of("llm_scheduling.cuda.fallbacks").Sum(one => one.Value);

    public static AnnealingProblem Problem(int jobs, TimeSpan? time = null) => new()
    {
        Jobs = Enumerable.Range(0, jobs).Select(i => new AnnealingJob(10 + i, 5) { EndToEndMilliseconds = 1_000 }).ToArray(),
        Prefill = new LatencyCoefficients(0, 0, 0.1, 1),
        Decode = new LatencyCoefficients(0, 0.1, 0, 1),
        MaxBatch = 4,
        MaxEvaluations = 200,
        MaxTime = time,
    };

    public CudaAnnealer Annealer(int device = 0, string? driverPath = null, TimeProvider? clock = null) =>
        new(driverPath ?? Driver.FilePath, device, clock ?? Clock, Log, _meters, Search, _ => WhyNot, () =>
        {
            AtOpening?.Invoke();
            return ScaleKernel.Ptx.ToArray();
        });

    /// <summary>Solves, checks that every job is placed once, and tells whether the device did it.</summary>
    public static async Task<bool> SolvedOnDeviceAsync(CudaAnnealer annealer, int jobs = 5, CancellationToken cancellation = default)
    {
        var result = new AnnealingSchedule();
        await annealer.AnnealAsync(Problem(jobs), result, cancellation);
        Assert.Equal(Enumerable.Range(0, jobs), result.Order.ToArray().Order());
        Assert.Equal(jobs, result.BatchSizes.ToArray().Sum());
        bool onDevice = result.Evaluations == OnDevice;
        Assert.Equal(onDevice, annealer.CpuReason is null);
        return onDevice;
    }

    public void Dispose()
    {
        Measurements.Dispose();
        _meters.Dispose();
        Driver.Dispose();
    }

    private void Search(IKernelDevice device, AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellation)
    {
        AtSearch?.Invoke(problem, cancellation);
        int jobs = problem.Jobs.Length;
        Span<int> numbers = stackalloc int[jobs], sizes = stackalloc int[jobs];
        for (int i = 0; i < jobs; i++)
            (numbers[i], sizes[i]) = (i - jobs + 1, 1);
        ulong memory = device.Buffer(0, jobs * sizeof(int));
        if (MoreMemory > 0)
            device.Buffer(1, MoreMemory);
        device.CopyTo<int>(memory, numbers);
        device.Launch(ScaleKernel.Entry, grid: 1 + jobs / 32, block: 32, sharedBytes: 64 << 10, new ScaleKernel(memory, jobs, -1));
        cancellation.ThrowIfCancellationRequested();
        device.CopyFrom(numbers, memory);
        result.Set(problem, numbers, sizes);
        result.Evaluations = OnDevice;
    }
}
