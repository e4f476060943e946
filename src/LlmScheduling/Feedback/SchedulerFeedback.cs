namespace LlmScheduling;

/// <summary>
/// Tells everyone who watches a <see cref="BatchScheduler"/> what it decided and what became of it: metrics, spans, and the
/// observers. Members are for the engine's thread unless they say otherwise.
/// </summary>
internal sealed class SchedulerFeedback(SchedulerMetrics metrics, ObserverList observers) : IDisposable
{
    public SchedulerMetrics Metrics => metrics;

    public ObserverList Observers => observers;

    /// <summary>A request was refused on arrival. Any thread.</summary>
    public void Refused(LiveRequest live, RequestOutcome outcome)
    {
        SchedulingActivity.Refused(live.Activity, outcome);
        metrics.Refused(outcome);
    }

    /// <summary>A step was planned, an empty one too; <paramref name="admitted"/> are those it admitted, in order.</summary>
    public void Planned(in SchedulingSnapshot snapshot, BatchPlan plan, ReadOnlySpan<PriorityKey> keys, ReadOnlySpan<LiveRequest> admitted)
    {
        foreach (LiveRequest live in admitted)
        {
            if (keys[live.Index].Tier < 0)
                metrics.Promoted();
            if (live.AdmittedAt != snapshot.Now || live.Preemptions > 0)
                continue;
            SchedulingActivity.Dispatched(live.Activity);
            metrics.Admitted(snapshot.Now - live.ArrivedAt);
        }

        observers.Planned(snapshot, plan);
    }

    public void StepCompleted(BatchPlan plan, TimeSpan duration) => observers.StepCompleted(plan.Shape, duration);

    public void Dispose() => metrics.Dispose();
}
