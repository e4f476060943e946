using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>
/// The device of an annealer. After a failure it is left alone for a while; memory that was too small is given back, and a context
/// that failed otherwise is destroyed and made anew. One caller at a time.
/// </summary>
internal sealed partial class AnnealingDevice : IDisposable
{
    private readonly Func<KernelSession> _open;
    private readonly ILogger _logger;
    private readonly FallBacks _fallBacks;
    private readonly TimeProvider _clock;
    private readonly RetryPause _pause;
    private KernelSession? _session;
    private string? _whyNot;
    private bool _hasWorked;

    /// <summary>Opens the device, or notes and logs why it cannot be had.</summary>
    /// <param name="open">Makes a context with the kernels in it.</param>
    /// <param name="logger">Hears where the annealer runs.</param>
    /// <param name="fallBacks">Counts and logs what fails; owned from here on.</param>
    /// <param name="clock">Measures pauses and what is left of a call's time.</param>
    public AnnealingDevice(Func<KernelSession> open, ILogger logger, FallBacks fallBacks, TimeProvider clock)
    {
        (_open, _logger, _fallBacks, _clock, _pause) = (open, logger, fallBacks, clock, new RetryPause(clock));
        try
        {
            Open();
        }
        catch (CudaDriverException problem)
        {
            Failed(problem);
            OnCpu(_logger, problem.Message);
        }
    }

    /// <summary>Searches on the device.</summary>
    /// <returns>Null when it did; otherwise a sentence that says why it could not.</returns>
    public string? Run(DeviceSearch search, AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken)
    {
        if (_pause.IsOver)
        {
            try
            {
                AnnealingProblem left = _session is null ? Reopen(problem) : problem;
                using (_session!.Enter())
                    search(_session, left, result, cancellationToken);
                _whyNot = null;
                _pause.Worked();
                _fallBacks.Worked();
                return null;
            }
            catch (CudaDriverException failure)
            {
                Failed(failure);
            }
        }

        if (_hasWorked)
            _fallBacks.FellBack();
        return _whyNot;
    }

    public void Dispose()
    {
        _session?.Dispose();
        _fallBacks.Dispose();
    }

    private void Open()
    {
        _session = _open();
        _hasWorked = true;
        OnCuda(_logger, _session.Device);
    }

    /// <summary>Opens the device anew, which takes some of the call's time.</summary>
    private AnnealingProblem Reopen(AnnealingProblem problem)
    {
        long began = _clock.GetTimestamp();
        if (_hasWorked)
            _session = _open();
        else
            Open();
        return problem.After(_clock.GetElapsedTime(began));
    }

    private void Failed(CudaDriverException problem)
    {
        _whyNot = problem.Message;
        _pause.Failed();
        if (_hasWorked)
            _fallBacks.Failed(problem);
        if (problem.Code == CudaDriverException.OutOfMemory && TryFreeBuffers())
            return;
        _session?.Dispose();
        _session = null;
    }

    /// <summary>Gives the memory back and keeps the context, since a smaller problem may fit; false for a context that is lost, or is none.</summary>
    private bool TryFreeBuffers()
    {
        if (_session is null)
            return false;
        try
        {
            using (_session.Enter())
                _session.FreeBuffers();
            return true;
        }
        catch (CudaDriverException)
        {
            return false;
        }
    }

    [LoggerMessage(24, LogLevel.Information, "The annealer runs on {Device}.")]
    private static partial void OnCuda(ILogger logger, string device);

    [LoggerMessage(25, LogLevel.Warning, "The annealer runs on the CPU: {Reason}")]
    private static partial void OnCpu(ILogger logger, string reason);
}
