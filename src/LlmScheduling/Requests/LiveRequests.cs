using System.Diagnostics;

namespace LlmScheduling;

/// <summary>Brings requests in and out: what a scheduler and a gate share. Members are for the deciding thread unless they say otherwise.</summary>
internal sealed class LiveRequests(TenantLedger tenants, QueueBound queue, ObserverList observers, ISloModel slo, int instances = 1)
{
    private readonly long[] _lengthsSeen = new long[instances];
    private readonly long[] _plansSeen = new long[instances];
    private long _lengthsHandedOut;
    private long _plans;
    private int _turn;

    public RequestTable Table { get; } = new(instances);

    public TenantLedger Tenants => tenants;

    public LengthStatistics Lengths { get; } = new();

    public QueueBound Queue => queue;

    /// <summary>Throws for a request that no scheduler could read. Any thread.</summary>
    public static void Validate(InferenceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.PromptTokens < 1)
            throw new ArgumentOutOfRangeException(nameof(request), request.PromptTokens, "InferenceRequest.PromptTokens must be 1 or more.");
        if (request.MaxOutputTokens < 0)
            throw new ArgumentOutOfRangeException(nameof(request), request.MaxOutputTokens, "InferenceRequest.MaxOutputTokens must be 0 or more.");
        if (request.CachedPrefixTokens < 0)
            throw new ArgumentOutOfRangeException(nameof(request), request.CachedPrefixTokens, "InferenceRequest.CachedPrefixTokens must be 0 or more.");
        ArgumentNullException.ThrowIfNull(request.Tenant, "InferenceRequest.Tenant");
        ArgumentNullException.ThrowIfNull(request.TrafficClass, "InferenceRequest.TrafficClass");
    }

    /// <summary>Makes the live form of a validated request. Any thread.</summary>
    public LiveRequest Create(InferenceRequest request, RequestId id, TimeSpan now, long processedTokens) =>
        new(new RequestTicket(id, request), slo.TargetsFor(request), now, processedTokens)
        {
            Activity = SchedulingActivity.Start(request),
        };

    public void Add(LiveRequest live)
    {
        InferenceRequest request = live.Request;
        int trafficClass = Lengths.Enter(request.TrafficClass);
        Table.Add(live, new RequestView
        {
            Id = live.Id,
            ArrivedAt = live.ArrivedAt,
            LastScheduledAt = live.ArrivedAt,
            FirstTokenDue = Saturating.Add(live.ArrivedAt, live.Targets.TimeToFirstToken),
            TokenInterval = live.Targets.TimePerOutputToken,
            Deadline = Saturating.Add(live.ArrivedAt, live.Targets.EndToEnd),
            ProcessedTokensAtArrival = live.ProcessedTokensAtArrival,
            PromptTokens = request.PromptTokens,
            // A context is counted in 31 bits; a limit beyond them is no limit.
            MaxOutputTokens = (int)Math.Min(request.MaxOutputTokens, int.MaxValue - request.PromptTokens + 1L),
            CachedPrefixTokens = request.CachedPrefixTokens,
            Priority = request.Priority,
            TenantIndex = tenants.Enter(request.Tenant),
            TrafficClassIndex = trafficClass,
            Length = Lengths.EstimateFor(trafficClass),
        });
    }

    /// <summary>Applies a ranker's answer.</summary>
    public void Rank(LiveRequest live, in InboxMessage message)
    {
        ref RequestView view = ref Table.ViewOf(live);
        if (message.Replaces || !float.IsNaN(message.Score))
            view.Score = message.Score;
        if (!message.Length.IsKnown && !message.Replaces)
            return;
        view.Predicted = message.Length.IsKnown ? message.Length : Lengths.EstimateFor(view.TrafficClassIndex);
        live.IsPredicted = message.Length.IsKnown;
    }

    /// <summary>Puts a new plan of the queue in place of the one before. Who has ended or been admitted since is skipped.</summary>
    public void Reorder(QueuePlan plan)
    {
        _plansSeen[_turn] = ++_plans;
        foreach (ref RequestView view in Table.Views)
            view.Planned = -1;
        foreach (ref readonly LoggedPlace planned in plan.Requests)
        {
            if (Table.Find(planned.Id) is { Index: >= 0 } live && !Table.IsRunning[live.Index])
                Table.ViewOf(live).Planned = planned.Position;
        }
    }

    /// <summary>Ends a request that is in the table: takes it out, counts it, and tells the ticket and the observers.</summary>
    public void End(LiveRequest live, RequestOutcome outcome, FinishReason finish, TimeSpan now)
    {
        RequestView view = Drop(live);
        if (outcome == RequestOutcome.Completed && view.Generated > 0 && Lengths.Observe(view.TrafficClassIndex, view.Generated))
            HandOutLength(view.TrafficClassIndex);
        Tell(live, outcome, finish, now, view.FirstToken, view.Generated, view.Score);
    }

    /// <summary>Takes a request out of the table and tells nobody. Returns what was known of it.</summary>
    public RequestView Drop(LiveRequest live)
    {
        RequestView view = Table.ViewOf(live);
        Table.Remove(live);
        tenants.Leave(view.TenantIndex);
        if (!live.EverAdmitted)
            queue.Leave(view.PromptTokens);
        Lengths.Leave(view.TrafficClassIndex);
        return view;
    }

    /// <summary>Ends a request that never came into the table.</summary>
    public void Refuse(LiveRequest live, RequestOutcome outcome, TimeSpan now)
    {
        queue.Leave(live.Request.PromptTokens);
        Tell(live, outcome, FinishReason.None, now, TimeSpan.MaxValue, generated: 0, float.NaN);
    }

    /// <summary>Ends the never-admitted requests that the policy refuses; returns whether there were any, since then the keys are out of date.</summary>
    public bool EndRefused(ReadOnlySpan<PriorityKey> keys, TimeSpan now)
    {
        bool any = false;
        for (int i = keys.Length - 1; i >= 0; i--)
        {
            LiveRequest live = Table.Live[i];
            if (!keys[i].IsRefused || live.EverAdmitted)
                continue;
            End(live, RequestOutcome.Unattainable, FinishReason.None, now);
            any = true;
        }

        return any;
    }

    /// <summary>Requests whose queue deadline has come and that were never admitted time out.</summary>
    public void EndTimedOut(TimeSpan now)
    {
        if (Table.EarliestQueueDeadline > now)
            return;
        TimeSpan earliest = TimeSpan.MaxValue;
        for (int i = Table.Count - 1; i >= 0; i--)
        {
            TimeSpan deadline = Table.QueueDeadlines[i];
            if (deadline <= now)
                End(Table.Live[i], RequestOutcome.TimedOutInQueue, FinishReason.None, now);
            else if (deadline < earliest)
                earliest = deadline;
        }

        Table.EarliestQueueDeadline = earliest;
    }

    /// <summary>Gives <paramref name="instance"/> its turn; its requests learn what they have missed.</summary>
    public void TurnTo(int instance)
    {
        _turn = instance;
        if (!Table.TurnTo(instance))
            return;
        if (_plansSeen[instance] != _plans)
            DropOldPlaces(instance);
        if (_lengthsSeen[instance] == _lengthsHandedOut)
            return;
        _lengthsSeen[instance] = _lengthsHandedOut;
        Span<RequestView> views = Table.Views;
        for (int i = 0; i < views.Length; i++)
        {
            if (Table.Live[i].EverAdmitted && !Table.Live[i].IsPredicted)
                views[i].Predicted = Lengths.EstimateFor(views[i].TrafficClassIndex);
        }
    }

    /// <summary>Plans put in force in another's turn did not reach who is bound to <paramref name="instance"/>.</summary>
    private void DropOldPlaces(int instance)
    {
        _plansSeen[instance] = _plans;
        Span<RequestView> views = Table.Views;
        for (int i = 0; i < views.Length; i++)
        {
            if (Table.Live[i].EverAdmitted)
                views[i].Planned = -1;
        }
    }

    /// <summary>Requests that nobody has predicted themselves carry their class's figures.</summary>
    private void HandOutLength(int trafficClass)
    {
        _lengthsHandedOut++;
        LengthEstimate estimate = Lengths.EstimateFor(trafficClass);
        Span<RequestView> views = Table.Views;
        for (int i = 0; i < views.Length; i++)
        {
            if (views[i].TrafficClassIndex == trafficClass && !Table.Live[i].IsPredicted)
                views[i].Predicted = estimate;
        }
    }

    private void Tell(LiveRequest live, RequestOutcome outcome, FinishReason finish, TimeSpan now, TimeSpan firstToken, int generated, float score)
    {
        outcome = live.Lease?.Close(outcome) ?? outcome;
        var ended = new EndedRequest(live.Id, live.Request, outcome, finish, live.Targets, live.ArrivedAt, live.AdmittedAt, firstToken, now, generated, live.Preemptions, score);
        SchedulingActivity.End(live.Activity, ended);
        observers.Ended(ended);
        live.Ticket.TryEnd(outcome);
    }
}
