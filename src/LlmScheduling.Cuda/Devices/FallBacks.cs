using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>Counts what ran on the CPU since CUDA failed, and logs once when CUDA begins to fail and once when it works again. One thread at a time.</summary>
internal sealed partial class FallBacks : IDisposable
{
    private readonly string _work;
    private readonly ILogger _logger;
    private readonly Meter? _ownMeter;
    private readonly Counter<long> _counter;
    private readonly KeyValuePair<string, object?> _tag;
    private bool _isFailing;
    private long _countBefore;

    /// <param name="work">What runs: <c>ranking</c> or <c>annealing</c>.</param>
    /// <param name="logger">Hears of changes.</param>
    /// <param name="meters">Makes the meter; one of our own, unless given.</param>
    public FallBacks(string work, ILogger logger, IMeterFactory? meters)
    {
        (_work, _logger, _tag) = (work, logger, new("llm_scheduling.cuda.work", work));
        Meter meter = meters?.Create(SchedulerMetrics.MeterName) ?? (_ownMeter = new Meter(SchedulerMetrics.MeterName));
        _counter = meter.CreateCounter<long>("llm_scheduling.cuda.fallbacks", "{run}", "Runs on the CPU, of ranking and annealing, since CUDA failed.");
    }

    /// <summary>Runs on the CPU so far.</summary>
    public long Count { get; private set; }

    /// <summary>Notes a run on the CPU, while CUDA is left alone or after it failed.</summary>
    public void FellBack()
    {
        Count++;
        _counter.Add(1, _tag);
    }

    /// <summary>Notes a failure of CUDA.</summary>
    public void Failed(Exception problem)
    {
        if (_isFailing)
            return;
        (_isFailing, _countBefore) = (true, Count);
        LogFailed(_logger, problem, _work);
    }

    /// <summary>Notes that CUDA worked.</summary>
    public void Worked()
    {
        if (!_isFailing)
            return;
        _isFailing = false;
        LogWorks(_logger, _work, Count - _countBefore);
    }

    public void Dispose() => _ownMeter?.Dispose();

    [LoggerMessage(22, LogLevel.Error, "CUDA failed at {Work}, which runs on the CPU until CUDA recovers.")]
    private static partial void LogFailed(ILogger logger, Exception problem, string work);

    [LoggerMessage(23, LogLevel.Information, "CUDA has recovered: {Work} runs on it again, after {Count} runs on the CPU.")]
    private static partial void LogWorks(ILogger logger, string work, long count);
}
