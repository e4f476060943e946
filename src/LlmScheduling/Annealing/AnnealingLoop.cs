using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>
/// Plans the queue beside the engine's loop, on one background thread below normal priority: takes a copy of the requests, asks the
/// annealer, posts the plan. While it plans or its plan is not read, nothing is copied; nobody waits.
/// </summary>
internal sealed partial class AnnealingLoop : IDisposable
{
    private readonly IQueueAnnealer _annealer;
    private readonly RankingLoop.Poster _post;
    private readonly ILogger _logger;
    private readonly SchedulerMetrics _metrics;
    private readonly ReplanTrigger _trigger = new();
    private readonly SnapshotCopy _copy = new();
    private readonly QueuePlan _plan = new();
    private readonly SemaphoreSlim _collected = new(0);
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isBusy;
    private bool _isFaulty;
    private long _faults;

    public AnnealingLoop(IQueueAnnealer annealer, RankingLoop.Poster post, ILogger logger, SchedulerMetrics metrics)
    {
        (_annealer, _post, _logger, _metrics) = (annealer, post, logger, metrics);
        new Thread(Run) { IsBackground = true, Priority = ThreadPriority.BelowNormal, Name = "LlmScheduling annealing" }.UnsafeStart();
    }

    /// <summary>Plans that failed. Any thread.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Copies the requests and has them planned, if it is time and the last plan has been read. For the engine's thread.</summary>
    public void Collect(in SchedulingSnapshot snapshot)
    {
        if (_isBusy || !_trigger.IsDue(snapshot))
            return;
        _copy.Take(snapshot);
        _isBusy = true;
        _collected.Release();
    }

    /// <summary>The plan that was posted is in force: its buffers are free. For the engine's thread.</summary>
    public void Read() => _isBusy = false;

    public void Dispose()
    {
        try
        {
            _stop.Cancel();
        }
        catch (AggregateException fault)
        {
            // What the annealer registered on its token is not allowed to keep the rest from being disposed.
            CancellationFailed(_logger, fault, _annealer.GetType().Name);
        }
    }

    private void Run()
    {
        int[] positions = [];
        try
        {
            while (true)
            {
                _collected.Wait(_stop.Token);
                if (positions.Length < _copy.Count)
                    positions = new int[2 * _copy.Count];
                Plan(positions.AsSpan(0, _copy.Count));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Plan(Span<int> positions)
    {
        positions.Fill(-1);
        SchedulingSnapshot snapshot = _copy.Snapshot;
        long asked = _metrics.AnnealerAsked();
        try
        {
            _annealer.Plan(snapshot, positions, _stop.Token);
            _metrics.AnnealerAnswered(asked);
            _isFaulty = false;
        }
        catch (Exception fault)
        {
            if (_stop.IsCancellationRequested)
                return;
            Interlocked.Increment(ref _faults);
            _metrics.AnnealerFaulted();
            if (!_isFaulty)
                AnnealerFailed(_logger, fault, _annealer.GetType().Name);
            _isFaulty = true;
            _isBusy = false;
            return;
        }

        _plan.Read(snapshot.Requests, positions);
        _post(InboxMessage.Planned(_plan));
    }

    [LoggerMessage(5, LogLevel.Error, "Annealer {Annealer} failed; the queue goes by its last plan and the policy until it recovers.")]
    private static partial void AnnealerFailed(ILogger logger, Exception fault, string annealer);

    [LoggerMessage(9, LogLevel.Error, "Annealer {Annealer} threw when it was cancelled; planning ends all the same.")]
    private static partial void CancellationFailed(ILogger logger, Exception fault, string annealer);
}
