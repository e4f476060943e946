namespace LlmScheduling;

/// <summary>
/// Decides one step: shows the policy the live requests, ends whom it refuses, lets seats be taken, and has the planner pack
/// the rest. A policy that fails costs this step its order. Not thread-safe.
/// </summary>
internal sealed class StepDecision(BatchSchedulerOptions options, LiveRequests requests, RunningList running, KvLedger kv, BatchPlanner planner, StepsInFlight steps, PolicyCall policyCall, LatencyInForce latency, ulong seed)
{
    private readonly WorkPricing _pricing = new();
    private PriorityKey[] _keys = new PriorityKey[64];
    private long _decisions;

    /// <summary>Fills <paramref name="plan"/>; returns the keys by which it was filled and the snapshot they are about.</summary>
    public ReadOnlySpan<PriorityKey> Fill(BatchPlan plan, SchedulingStack stack, TimeSpan now, int freeKvBlocks, long processedTokens, out SchedulingSnapshot snapshot)
    {
        RequestTable table = requests.Table;
        _decisions++;
        kv.Begin(freeKvBlocks, running, table);
        if (_keys.Length < table.Count)
            _keys = new PriorityKey[Math.Max(table.Count, 2 * _keys.Length)];
        if (table.Count == 0)
        {
            snapshot = Snapshot(now, processedTokens);
            return [];
        }

        Span<PriorityKey> keys = Ask(stack, plan, now, processedTokens, out snapshot, out KeySummary summary);
        if (summary.HasRefusals && requests.EndRefused(keys, now))
            keys = Ask(stack, plan, now, processedTokens, out snapshot, out summary);
        if (plan.PolicyFault is null && planner.TakeSeats(plan, stack, keys, summary, steps.Newest))
            keys = Ask(stack, plan, now, processedTokens, out snapshot, out summary);
        planner.Plan(plan, stack, snapshot, keys, summary, latency.Guarded, steps.Newest);
        if (!plan.IsEmpty)
        {
            steps.Begin(plan);
            _pricing.Observe(planner.RanOutOfTokens);
        }

        return keys;
    }

    /// <summary>Asks the policy about the requests as they stand now.</summary>
    private Span<PriorityKey> Ask(SchedulingStack stack, BatchPlan plan, TimeSpan now, long processedTokens, out SchedulingSnapshot snapshot, out KeySummary summary)
    {
        snapshot = Snapshot(now, processedTokens);
        Span<PriorityKey> keys = _keys.AsSpan(0, requests.Table.Count);
        plan.PolicyFault = policyCall.Ask(stack, snapshot, requests.Table.IsRunning, keys, out summary);
        return keys;
    }

    private SchedulingSnapshot Snapshot(TimeSpan now, long processedTokens) => new()
    {
        Requests = requests.Table.Views,
        Now = now,
        Tenants = requests.Tenants.Usage,
        Kv = kv.Budget,
        Limits = new BatchLimits(options.MaxBatchTokens, options.MaxSequences),
        Latency = latency.Model,
        ProcessedTokens = processedTokens,
        Admissions = planner.Admissions,
        Work = _pricing.Under(latency.Guarded),
        Seed = StepSeed.Of(seed, _decisions),
    };
}
