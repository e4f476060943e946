namespace LlmScheduling;

/// <summary>The requests that hold a seat: gives seats, reads what leases report, and frees seats. The decider's.</summary>
internal sealed class SeatedRequests(LiveRequests requests, InstanceLedger instances, SchedulerMetrics metrics)
{
    private readonly RunningList _running = new(requests.Table);
    private readonly List<AdmissionLease> _granted = [];
    private long _processedTokens;

    /// <summary>Seats given so far.</summary>
    public long Admissions { get; private set; }

    public int Count => _running.Count;

    public ReadOnlySpan<LiveRequest> Items => _running.Items;

    /// <summary>Prompt tokens of all who got a seat, and reported output tokens. Any thread.</summary>
    public long ProcessedTokens => Volatile.Read(ref _processedTokens);

    /// <summary>Gives a seat; false when its caller has gone away.</summary>
    public bool TryAdmit(LiveRequest live, int instance, in PriorityKey key, TimeSpan now)
    {
        AdmissionLease lease = live.Lease!;
        ref RequestView view = ref requests.Table.ViewOf(live);
        if (!lease.TryGrant(instance, view.Score))
            return false;
        _granted.Add(lease);
        instances.Take(lease, view, now);
        requests.Table.Admitted(live);
        requests.Queue.Leave(view.PromptTokens);
        requests.Tenants.ChargePrompt(view.TenantIndex, view.PromptTokens);
        requests.Tenants.Admitted(view.TenantIndex);
        live.AdmittedAt = now;
        requests.Table.SetPhase(live, RequestPhase.Running);
        view.LastScheduled = now;
        _running.Add(live);
        Admissions++;
        Volatile.Write(ref _processedTokens, _processedTokens + view.PromptTokens);
        SchedulingActivity.Dispatched(live.Activity);
        metrics.Admitted(now - live.ArrivedAt);
        if (key.Tier < 0)
            metrics.Promoted();
        return true;
    }

    /// <summary>Hands out what was granted since the last call.</summary>
    public void HandOut()
    {
        foreach (AdmissionLease lease in _granted)
            lease.HandOut();
        _granted.Clear();
    }

    /// <summary>Reads what every lease has reported.</summary>
    public void CollectReports(TimeSpan now)
    {
        foreach (LiveRequest live in _running.Items)
            CollectReports(live, now);
    }

    /// <summary>Frees the seat of a lease that was let go, and ends its request.</summary>
    public void End(LiveRequest live, TimeSpan now)
    {
        AdmissionLease lease = live.Lease!;
        CollectReports(live, now);
        FinishReason finish = lease.Finish;
        RequestOutcome outcome = finish switch
        {
            FinishReason.None => RequestOutcome.Cancelled,
            FinishReason.Failed => RequestOutcome.Failed,
            _ => RequestOutcome.Completed,
        };
        instances.Release(lease, requests.Table.ViewOf(live), outcome == RequestOutcome.Completed, now);
        _running.Remove(live);
        requests.End(live, outcome, finish, now);
    }

    private void CollectReports(LiveRequest live, TimeSpan now)
    {
        AdmissionLease lease = live.Lease!;
        if (lease.FirstTokenAt == TimeSpan.MaxValue)
            return;
        ref RequestView view = ref requests.Table.ViewOf(live);
        if (view.FirstToken == TimeSpan.MaxValue)
        {
            view.FirstToken = lease.FirstTokenAt;
            metrics.FirstToken(view.FirstToken - live.ArrivedAt);
        }

        int added = (int)Math.Min(lease.ReportedTokens, view.MaxOutputTokens) - view.Generated;
        if (added > 0)
        {
            view.Generated += added;
            view.LastScheduled = now;
            requests.Tenants.ChargeOutput(view.TenantIndex, added);
            instances.Correct(lease, (long)view.PromptTokens + view.Generated);
            Volatile.Write(ref _processedTokens, _processedTokens + added);
        }

        // Of what it has generated, the newest token is still to be fed back: a decode, as policies know it.
        view.Computed = view.PromptTokens + Math.Max(0, view.Generated - 1);
    }
}
