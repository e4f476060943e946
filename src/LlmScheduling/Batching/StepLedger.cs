namespace LlmScheduling;

/// <summary>Applies what a step has done to the requests of its plan: checked as a whole first, so that a bad report changes nothing.</summary>
internal sealed class StepLedger(LiveRequests requests, BatchPlanner planner, SchedulerMetrics metrics)
{
    private long _stamp;

    /// <summary>Throws for the first thing in <paramref name="result"/> that cannot be.</summary>
    public void Check(BatchPlan plan, in StepResult result)
    {
        if (result.Duration < TimeSpan.Zero)
            throw new ArgumentException($"StepResult.Duration is {result.Duration}; it must not be negative.", nameof(result));
        _stamp++;
        for (int i = 0; i < result.Progress.Length; i++)
        {
            ref readonly RequestProgress progress = ref result.Progress[i];
            LiveRequest request = Find(plan, progress.Id, i)
                ?? throw new ArgumentException($"Progress for request {progress.Id.Sequence}, which is not in the plan of step {plan.Step}.", nameof(result));
            if (request.ProgressStamp == _stamp)
                throw new ArgumentException($"Progress for request {progress.Id.Sequence} is given twice.", nameof(result));
            request.ProgressStamp = _stamp;
            if (progress.ComputedTokens < 0 || progress.EmittedTokens < 0)
                throw new ArgumentException($"Progress of request {progress.Id.Sequence} is negative: {progress.ComputedTokens} computed, {progress.EmittedTokens} emitted tokens.", nameof(result));
            if (!Enum.IsDefined(progress.Finish))
                throw new ArgumentException($"Progress of request {progress.Id.Sequence} finishes for an unknown reason, {progress.Finish}.", nameof(result));
            if (request.Index >= 0 && request.VoidThroughStep < plan.Step)
                CheckAmounts(requests.Table.ViewOf(request), progress);
        }
    }

    /// <summary>Applies a checked result. Returns the tokens that the step granted.</summary>
    public long Apply(BatchPlan plan, in StepResult result, TimeSpan now)
    {
        long granted = 0;
        for (int i = 0; i < plan.Work.Length; i++)
        {
            ref readonly PlannedGrant grant = ref plan.Grants[i];
            granted += plan.Work[i].Tokens;
            if (grant.Request.Index < 0 || grant.Request.VoidThroughStep >= plan.Step)
                continue;
            grant.Request.InFlightTokens -= grant.AssumedTokens;
            grant.Request.InFlightEmits -= grant.AssumedEmits;
            requests.Table.ViewOf(grant.Request).LastScheduled = now - result.Duration;
        }

        for (int i = 0; i < result.Progress.Length; i++)
        {
            ref readonly RequestProgress progress = ref result.Progress[i];
            LiveRequest request = Find(plan, progress.Id, i)!;
            if (request.Index >= 0)
                Apply(request, progress, plan.Step, now);
        }

        return granted;
    }

    private static LiveRequest? Find(BatchPlan plan, RequestId id, int likelyAt)
    {
        ReadOnlySpan<PlannedWork> work = plan.Work;
        if (likelyAt < work.Length && work[likelyAt].Id == id)
            return plan.Grants[likelyAt].Request;
        for (int i = 0; i < work.Length; i++)
        {
            if (work[i].Id == id)
                return plan.Grants[i].Request;
        }

        return null;
    }

    private static void CheckAmounts(in RequestView view, in RequestProgress progress)
    {
        int left = view.TokensToCompute, drafted = Math.Max(0, progress.EmittedTokens - 1);
        if (progress.ComputedTokens > (long)left + drafted)
            throw new ArgumentException($"Progress of request {progress.Id.Sequence} computes {progress.ComputedTokens} tokens; {left + drafted} were left.", "result");
        if (progress.EmittedTokens > 0 && progress.ComputedTokens < (long)left + drafted)
            throw new ArgumentException($"Progress of request {progress.Id.Sequence} emits {progress.EmittedTokens} tokens with {progress.ComputedTokens} computed; {left + drafted} come first.", "result");
        if (progress.EmittedTokens == 0 && progress.ComputedTokens == left && progress.Finish == FinishReason.None && view.MaxOutputTokens > 0)
            throw new ArgumentException($"Progress of request {progress.Id.Sequence} computes the {left} tokens that were left and emits none; the step that computes the last token emits one, or says why it stopped.", "result");
        if (progress.EmittedTokens > view.MaxOutputTokens - view.GeneratedTokens)
            throw new ArgumentException($"Progress of request {progress.Id.Sequence} emits {progress.EmittedTokens} tokens; its limit leaves {view.MaxOutputTokens - view.GeneratedTokens}.", "result");
    }

    private void Apply(LiveRequest request, in RequestProgress progress, long step, TimeSpan now)
    {
        ref RequestView view = ref requests.Table.ViewOf(request);
        if (request.VoidThroughStep < step)
            view.Computed += progress.ComputedTokens;
        int emitted = Math.Min(progress.EmittedTokens, view.MaxOutputTokens - view.Generated);
        if (emitted > 0)
        {
            if (view.Generated == 0)
            {
                view.FirstToken = now;
                metrics.FirstToken(now - view.ArrivedAt);
            }

            view.Generated += emitted;
            requests.Tenants.ChargeOutput(view.TenantIndex, emitted);
        }

        FinishReason finish = progress.Finish != FinishReason.None ? progress.Finish
            : view.Generated == view.MaxOutputTokens && (view.MaxOutputTokens > 0 || view.TokensToCompute == 0) ? FinishReason.Length
            : FinishReason.None;
        if (finish == FinishReason.None)
            return;
        planner.Vacate(request);
        requests.End(request, finish == FinishReason.Failed ? RequestOutcome.Failed : RequestOutcome.Completed, finish, now);
    }
}
