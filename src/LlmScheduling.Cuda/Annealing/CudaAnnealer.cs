using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmScheduling;

/// <summary>
/// Places requests for the largest G with many annealing chains at once on an NVIDIA GPU, where the problem is of a kind that a GPU
/// can pay for, and with a <see cref="CpuAnnealer"/> everywhere else.
/// </summary>
/// <remarks>
/// <para>
/// A GPU is for large problems that are given time, above all for many sampled output lengths a request; a plain problem with a
/// millisecond, as in an engine's step, runs on the CPU (docs/cuda.md says by which rule). Without a driver or a device every
/// call runs on the CPU. A call in which the device fails (lost, out of memory) is repeated on the CPU with the time that is left
/// of it; the device is left alone for a second, and for twice as long after each failure that follows, up to a minute. Such calls
/// are counted, and logged when the device begins to fail and when it works again. <see cref="CpuReason"/> says what happened.
/// </para>
/// <para>
/// With <see cref="AnnealingProblem.MaxEvaluations"/> and without <see cref="AnnealingProblem.MaxTime"/> the result is a function
/// of the problem, the seed and of where it ran. The search runs on the calling thread, or on one of the pool after it waited:
/// calls may come from any number of threads and run one after another. Disposal ends a call that is under way, waits for it, and
/// frees the device.
/// </para>
/// </remarks>
public sealed class CudaAnnealer : IScheduleAnnealer, IDisposable
{
    private readonly AnnealingDevice _device;
    private readonly DeviceSearch _search;
    private readonly Func<AnnealingProblem, string?> _whyNot;
    private readonly CpuAnnealer _cpu;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _disposal = new();
    private volatile string? _cpuReason = "Nothing was annealed yet.";
    private int _isDisposed;

    /// <summary>Opens the device; where that fails, calls run on the CPU.</summary>
    /// <param name="device">Which of the machine's CUDA devices, from 0 (<see cref="CudaDevice.All(out string?)"/>).</param>
    /// <param name="timeProvider">Bounds a call by time; the system's when absent.</param>
    /// <param name="loggerFactory">Where one line says whether the device was opened, and one each when it begins to fail and when it works again; nowhere, unless given.</param>
    /// <param name="meterFactory">Makes the meter that counts calls which ran on the CPU since the device failed; one of its own, unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="device"/> is below 0.</exception>
    public CudaAnnealer(int device = 0, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null, IMeterFactory? meterFactory = null)
        : this(null, NotNegative(device), timeProvider ?? TimeProvider.System, loggerFactory, meterFactory, new ChainSearch(timeProvider ?? TimeProvider.System).Run, DeviceChoice.WhyNot, AnnealingKernels.Read)
    {
    }

    /// <param name="driverPath">A library that plays the driver; the system's driver, unless given.</param>
    /// <param name="device">Which device.</param>
    /// <param name="clock">Bounds calls and measures pauses.</param>
    /// <param name="loggerFactory">Hears of changes.</param>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="search">What runs on the device.</param>
    /// <param name="whyNot">Why a problem is for the CPU; null for one that the device may pay for.</param>
    /// <param name="kernels">The PTX that the search launches.</param>
    internal CudaAnnealer(string? driverPath, int device, TimeProvider clock, ILoggerFactory? loggerFactory, IMeterFactory? meters, DeviceSearch search, Func<AnnealingProblem, string?> whyNot, Func<byte[]> kernels)
    {
        ILogger logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger(typeof(CudaAnnealer).FullName!);
        (_search, _whyNot, _clock, _cpu) = (search, whyNot, clock, new CpuAnnealer(clock));
        _device = new AnnealingDevice(() => new KernelSession(CudaDriver.Open(driverPath), device, kernels()), logger, new FallBacks("annealing", logger, meters), clock);
    }

    /// <summary>Why the call that ended last ran on the CPU: a sentence about the problem, or about the device; null when it ran on the device.</summary>
    public string? CpuReason => _cpuReason;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">It is disposed, or was before the call ended.</exception>
    public async ValueTask AnnealAsync(AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(result);
        ObjectDisposedException.ThrowIf(_disposal.IsCancellationRequested, this);
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenSource? both = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token) : null;
        CancellationToken either = both?.Token ?? _disposal.Token;
        try
        {
            await _turn.WaitAsync(either).ConfigureAwait(false);
            try
            {
                await RunAsync(problem, result, either).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(CudaAnnealer));
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Ends the call that is under way and those that wait, with <see cref="ObjectDisposedException"/>, and frees the device.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _disposal.Cancel();
        // The turn is never given back: nobody runs after this.
        _turn.Wait();
        _device.Dispose();
    }

    private async ValueTask RunAsync(AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken)
    {
        long began = _clock.GetTimestamp();
        problem.Check();
        string? reason = _whyNot(problem);
        AnnealingProblem left = problem;
        if (reason is null)
        {
            reason = _device.Run(_search, problem, result, cancellationToken);
            left = problem.After(_clock.GetElapsedTime(began));
        }

        if (reason is not null)
            await _cpu.AnnealAsync(left, result, cancellationToken).ConfigureAwait(false);
        _cpuReason = reason;
    }

    private static int NotNegative(int device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        return device;
    }
}
