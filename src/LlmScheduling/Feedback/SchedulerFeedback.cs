using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>
/// Tells everyone who watches a scheduler or a gate what it decided and what became of it: metrics, spans, the observers, and
/// a scheduler's decision log. Members are for the deciding thread unless they say otherwise.
/// </summary>
internal sealed class SchedulerFeedback : IDisposable
{
    private readonly DecisionRecorder? _recorder;
    private readonly DecisionRecorder? _door;
    private bool _isStopped;

    public SchedulerFeedback(string component, string policy, SchedulerServices services, QueueBound queue, ILogger logger, DecisionLog? log = null)
    {
        Metrics = new SchedulerMetrics(component, services, queue, policy);
        if (log is not null)
        {
            log.Take();
            (_recorder, _door) = (new DecisionRecorder(log), new DecisionRecorder(log));
        }

        Observers = new ObserverList(_recorder is null ? [Metrics, .. services.Observers] : [_recorder, Metrics, .. services.Observers], logger);
    }

    public SchedulerMetrics Metrics { get; }

    public ObserverList Observers { get; }

    /// <summary>A scheduler is ready; told before anything else.</summary>
    public void Ready(BatchSchedulerOptions options, SchedulingStack stack, SchedulerServices services) => _recorder?.Header(options, stack, services);

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

    /// <summary>A new plan of the queue is in force.</summary>
    public void Reordered(QueuePlan plan) => _recorder?.Reordered(plan);

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
