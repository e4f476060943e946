namespace LlmScheduling;

/// <summary>
/// Packs requests into a step in the order of their keys: running requests first, then admissions, within the token,
/// sequence and KV-block budgets. The rules are those of docs/architecture.md, "The planner". Not thread-safe.
/// </summary>
internal sealed class BatchPlanner(BatchSchedulerOptions options, RequestTable table, RunningList running, KvLedger kv, TenantLedger tenants, QueueBound queue, VictimChoice victims)
{
    private readonly CandidateSelection _selection = new();
    private readonly OpenPrefills _openPrefills = new(table, running);
    private BatchPlan _plan = null!;
    private long _lastStep;
    private int _budget;
    private int _prefillBudget;

    /// <summary>KV blocks that are set aside.</summary>
    public long HeldKvBlocks => kv.Held;

    /// <summary>First and repeated admissions so far.</summary>
    public long Admissions { get; private set; }

    /// <summary>Whether the newest step ran out of tokens before it ran out of seats.</summary>
    public bool RanOutOfTokens { get; private set; }

    /// <summary>
    /// Lets waiting requests take seats by strictly smaller bands. Returns whether any was taken; then the keys are out of date.
    /// </summary>
    public bool TakeSeats(BatchPlan plan, SchedulingStack stack, ReadOnlySpan<PriorityKey> keys, in KeySummary summary, long lastStep)
    {
        if (!summary.MayTakeSeats)
            return false;
        (_plan, _lastStep, _budget) = (plan, lastStep, 0);
        int free = FreeSeats(stack.Allocation, summary);
        _selection.Reset((int)Math.Min(summary.Waiting, (long)free + running.Count));
        OfferWaiting(keys);
        bool taken = false;
        foreach (ref readonly Candidate candidate in _selection.InOrder())
        {
            if (free-- > 0)
                continue;
            if (candidate.Key.IsSpare || victims.ForSeat(keys) is not { } victim || candidate.Key.Band >= keys[victim.Index].Band)
                break;
            Preempt(victim);
            taken = true;
        }

        return taken;
    }

    /// <summary>Fills <paramref name="plan"/> with this step's grants and preemptions.</summary>
    public void Plan(BatchPlan plan, SchedulingStack stack, in SchedulingSnapshot snapshot, ReadOnlySpan<PriorityKey> keys, in KeySummary summary, ILatencyModel? latency, long lastStep)
    {
        TokenAllocation allocation = stack.Allocation;
        (_plan, _lastStep, _budget) = (plan, lastStep, options.MaxBatchTokens);
        victims.BeginStep();
        var tpot = new TpotBudget(allocation, latency, snapshot.Now, running, table, keys);
        _prefillBudget = tpot.MaxPrefillTokens(_budget);
        bool byKey = allocation.PrefillOrder == PrefillOrder.ByKey;

        bool preempted = GrantRunning(snapshot, keys, decodesOnly: byKey);
        if (!preempted)
            GrantByKey(allocation, snapshot, keys, summary, in tpot, byKey);
        if (byKey && plan.IsEmpty)
            GrantRunning(snapshot, keys, decodesOnly: false);
        RanOutOfTokens = _budget == 0 || _prefillBudget == 0;
        plan.Shape = PlanShape.Of(plan, table);
    }

    /// <summary>Drops a request's KV blocks and seat: it left, or waits again.</summary>
    public void Vacate(LiveRequest request)
    {
        kv.Release(request);
        if (table.ViewOf(request).Stage == RequestPhase.Running)
            running.Remove(request);
    }

    /// <summary>Paused requests that go on may be more than there are seats; the step serves no more than there are.</summary>
    private bool HasSeatInStep => _plan.Work.Length < options.MaxSequences;

    private int FreeSeats(TokenAllocation allocation, in KeySummary summary)
    {
        int seats = options.MaxSequences;
        return allocation.MaxResidentSequences is { } resident && resident > seats
            ? Math.Max(0, Math.Min(resident - running.Count, seats - (running.Count - summary.HeldRunning)))
            : Math.Max(0, seats - running.Count);
    }

    /// <summary>Seats that spare requests may use: at least one, or they would never start where there are few.</summary>
    private int SpareSeats(TokenAllocation allocation) =>
        allocation.ReservedSeatShare == 1 ? 0 : Math.Max(1, (int)Math.Floor((1 - allocation.ReservedSeatShare) * options.MaxSequences));

    private void OfferWaiting(ReadOnlySpan<PriorityKey> keys)
    {
        ReadOnlySpan<RequestView> views = table.Views;
        ReadOnlySpan<bool> isRunning = table.IsRunning;
        for (int i = 0; i < keys.Length; i++)
        {
            if (!isRunning[i] && !_selection.RulesOut(keys[i]) && !keys[i].IsHeld)
                _selection.Offer(keys[i], views[i].Id.Sequence, i);
        }
    }

    /// <summary>Running requests in admission order. Returns whether KV pressure preempted any.</summary>
    private bool GrantRunning(in SchedulingSnapshot snapshot, ReadOnlySpan<PriorityKey> keys, bool decodesOnly)
    {
        bool preempted = false;
        for (int place = 0; place < running.Count && _budget > 0 && HasSeatInStep; place++)
        {
            LiveRequest request = running[place];
            if (keys[request.Index].IsHeld)
                continue;
            ref readonly RequestView view = ref table.ViewOf(request);
            bool isDecode = request.IsDecode(view);
            if (decodesOnly && !isDecode)
                continue;
            int todo = request.TokensToCompute(view);
            if (todo <= 0)
                continue;
            int tokens = isDecode ? Math.Min(DecodeTokens(request, view), _budget) : Math.Min(Chunk(todo), _prefillBudget);
            if (tokens == 0)
                continue;
            if (!MakeRoom(request, tokens, snapshot, ref place, ref preempted))
                continue;
            Grant(request, tokens, hinted: 0, isDecode);
        }

        return preempted;
    }

    /// <summary>Preempts until <paramref name="request"/>'s tokens fit the KV cache. Returns false when it had to yield itself.</summary>
    private bool MakeRoom(LiveRequest request, int tokens, in SchedulingSnapshot snapshot, ref int place, ref bool preempted)
    {
        int missing = MissingBlocks(request, tokens);
        while (!kv.Has(missing))
        {
            LiveRequest victim = victims.ForKvBlocks(_plan, snapshot);
            int victimPlace = table.ViewOf(victim).Place;
            Preempt(victim);
            preempted = true;
            if (victimPlace <= place)
                place--;
            if (victim == request)
                return false;
        }

        kv.Take(request, missing);
        return true;
    }

    /// <summary>Admissions in key order, and under <see cref="PrefillOrder.ByKey"/> the open prefills among them.</summary>
    private void GrantByKey(TokenAllocation allocation, in SchedulingSnapshot snapshot, ReadOnlySpan<PriorityKey> keys, in KeySummary summary, in TpotBudget tpot, bool byKey)
    {
        int free = FreeSeats(allocation, summary), lookAhead = allocation.LookAheadRequests, open = 0;
        if ((free == 0 || summary.Waiting == 0) && !byKey)
            return;
        _selection.Reset(free == 0 ? 0 : (int)Math.Min(summary.Waiting, Math.Min(free, _prefillBudget) + (long)lookAhead + 1));
        OfferWaiting(keys);
        ReadOnlySpan<Candidate> waiting = _selection.InOrder(), prefills = [];
        if (byKey)
        {
            open = _openPrefills.Count(keys);
            prefills = _openPrefills.InOrder(keys, summary, open);
        }

        int spareSeats = SpareSeats(allocation), joined = 0;
        long joinedContext = 0;
        while (_prefillBudget > 0 && !(waiting.IsEmpty && prefills.IsEmpty))
        {
            if (waiting.IsEmpty || (!prefills.IsEmpty && prefills[0].CompareTo(waiting[0]) < 0))
            {
                open -= ClosesPrefill(table.Live[prefills[0].Index]) ? 1 : 0;
                prefills = prefills[1..];
                continue;
            }

            Candidate candidate = waiting[0];
            LiveRequest request = table.Live[candidate.Index];
            ref readonly RequestView view = ref table.ViewOf(request);
            bool isSpare = candidate.Key.IsSpare;
            bool isWithinReserve = (!isSpare || running.Count < spareSeats)
                && tpot.AllowsDecode(joined + 1, joinedContext + view.PromptTokens + view.Generated, isSpare);
            if (isWithinReserve && TryAdmit(request, view, !byKey || open < allocation.MaxOpenPrefills, snapshot.Now, out bool isOpen))
            {
                joined++;
                joinedContext += view.PromptTokens + view.Generated;
                open += isOpen ? 1 : 0;
                waiting = --free > 0 ? waiting[1..] : [];
            }
            else
            {
                waiting = isWithinReserve && lookAhead-- > 0 && candidate.Key.Tier >= 0 ? waiting[1..] : [];
            }
        }
    }

    /// <summary>
    /// Grants tokens to an open prefill and returns whether they are its last. One that does not fit the KV cache waits for
    /// decodes to end; it preempts nobody.
    /// </summary>
    private bool ClosesPrefill(LiveRequest request)
    {
        if (!HasSeatInStep)
            return false;
        int todo = request.TokensToCompute(table.ViewOf(request)), tokens = Math.Min(Chunk(todo), _prefillBudget);
        int missing = MissingBlocks(request, tokens);
        if (!kv.Has(missing))
            return false;
        kv.Take(request, missing);
        Grant(request, tokens, hinted: 0, isDecode: false);
        return tokens == todo;
    }

    private bool TryAdmit(LiveRequest request, in RequestView view, bool mayStayOpen, TimeSpan now, out bool isOpen)
    {
        int hinted = Math.Min(view.CachedPrefix, view.TokensToCompute - 1);
        int todo = view.TokensToCompute - hinted;
        int tokens = options.ChunkedPrefill ? Math.Min(Chunk(todo), _prefillBudget) : todo;
        isOpen = tokens < todo;
        if (tokens > _prefillBudget || (isOpen && !mayStayOpen))
            return false;
        long reserved = kv.Reservation switch
        {
            KvReservation.WholeContext => KvLedger.ContextOf(view.PromptTokens, view.MaxOutputTokens),
            KvReservation.WholePrompt => view.TokensToCompute,
            _ => (long)hinted + tokens,
        };
        int missing = kv.Missing(request, reserved);
        if (!kv.Has(missing))
            return false;
        kv.Take(request, missing);
        Admit(request, now);
        Grant(request, tokens, hinted, isDecode: false);
        return true;
    }

    private void Admit(LiveRequest request, TimeSpan now)
    {
        ref RequestView view = ref table.ViewOf(request);
        if (!request.EverAdmitted)
        {
            table.Admitted(request);
            queue.Leave(view.PromptTokens);
            request.AdmittedAt = now;
            tenants.ChargePrompt(view.TenantIndex, view.PromptTokens);
        }

        tenants.Admitted(view.TenantIndex);
        Admissions++;
        table.SetPhase(request, RequestPhase.Running);
        running.Add(request);
    }

    private void Preempt(LiveRequest request)
    {
        ref RequestView view = ref table.ViewOf(request);
        int returned = _plan.CancelGrant(request);
        _budget += returned;
        _prefillBudget = Math.Min(_budget, _prefillBudget + returned);
        Vacate(request);
        table.SetPhase(request, RequestPhase.Preempted);
        view.Computed = 0;
        request.InFlightTokens = request.InFlightEmits = 0;
        request.VoidThroughStep = _lastStep;
        request.Preemptions++;
        _plan.AddPreempted(request);
    }

    private void Grant(LiveRequest request, int tokens, int hinted, bool isDecode)
    {
        ref readonly RequestView view = ref table.ViewOf(request);
        bool completes = hinted + tokens >= request.TokensToCompute(view);
        int emits = !completes ? 0 : Math.Min(isDecode ? tokens : 1, view.MaxOutputTokens - view.Generated - request.InFlightEmits);
        _plan.Grant(new PlannedGrant(request, hinted + tokens, Math.Max(0, emits)), tokens);
        _budget -= tokens;
        _prefillBudget = Math.Min(_budget, isDecode ? _prefillBudget : _prefillBudget - tokens);
    }

    private int Chunk(int todo) => options.PrefillChunkTokens is { } chunk ? Math.Min(todo, chunk) : todo;

    private int DecodeTokens(LiveRequest request, in RequestView view)
    {
        int left = Math.Max(1, view.MaxOutputTokens - view.Generated - request.InFlightEmits);
        return Chunk(Math.Min(options.TokensPerDecode, left));
    }

    private int MissingBlocks(LiveRequest request, int tokens) =>
        kv.Missing(request, (long)table.ViewOf(request).Computed + request.InFlightTokens + tokens);
}
