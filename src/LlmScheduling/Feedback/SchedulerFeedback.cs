using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>
/// Tells everyone who watches a <see cref="BatchScheduler"/> what it decided and what became of it: metrics, spans, the
/// decision log and the observers. Members are for the engine's thread unless they say otherwise.
/// </summary>
internal sealed class SchedulerFeedback : IDisposable
{
    private readonly DecisionRecorder? _recorder;
    private readonly DecisionRecorder? _door;
    private bool _isStopped;

    public SchedulerFeedback(SchedulingStack stack, BatchSchedulerOptions options, SchedulerServices services, QueueBound queue, ILogger logger)
    {
        Metrics = new SchedulerMetrics(services, queue, stack.Name);
        List<ISchedulingObserver> observers = [Metrics, .. services.Observers];
        if (services.DecisionLog is { } log)
        {
            log.Take();
            _door = new DecisionRecorder(log);
            observers.Insert(0, _recorder = new DecisionRecorder(log));
            _recorder.Header(options, stack, services);
        }

        Observers = new ObserverList(observers, logger);
    }

    public SchedulerMetrics Metrics { get; }

    public ObserverList Observers { get; }

    /// <summary>A request was refused on arrival. Any thread.</summary>
    public void Refused(LiveRequest live, RequestOutcome outcome)
    {
        SchedulingActivity.Refused(live.Activity, outcome);
        Metrics.Refused(outcome);
        if (_door is null)
            return;
        lock (_door)
            _door.Refused(live, outcome);
    }

    /// <summary>A message reached the request it is about; told before it is acted upon.</summary>
    public void Drained(in InboxMessage message, LiveRequest live) => _recorder?.Drained(message, live);

    /// <summary>A step was planned, an empty one too; <paramref name="admitted"/> are those it admitted, in order.</summary>
    public void Planned(in SchedulingSnapshot snapshot, int freeKvBlocks, SchedulingStack stack, BatchPlan plan, ReadOnlySpan<PriorityKey> keys, ReadOnlySpan<LiveRequest> admitted)
    {
        foreach (LiveRequest live in admitted)
        {
            if (keys[live.Index].Tier < 0)
                Metrics.Promoted();
            if (live.AdmittedAt != snapshot.Now || live.Preemptions > 0)
                continue;
            SchedulingActivity.Dispatched(live.Activity);
            Metrics.Admitted(snapshot.Now - live.ArrivedAt);
        }

        _recorder?.Planned(snapshot.Now, freeKvBlocks, stack, plan, keys, admitted);
        Observers.Planned(snapshot, plan);
    }

    /// <summary>A step was reported as done; told before its progress is applied.</summary>
    public void Completing(TimeSpan now, in StepResult result) => _recorder?.Completed(now, result);

    public void StepCompleted(BatchPlan plan, TimeSpan duration) => Observers.StepCompleted(plan.Shape, duration);

    /// <summary>The scheduler is taken down; told before the live requests end. Counts once.</summary>
    public void Stopping(TimeSpan now)
    {
        if (!_isStopped)
            _recorder?.Stopped(now);
        _isStopped = true;
    }

    public void Dispose() => Metrics.Dispose();
}
