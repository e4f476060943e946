namespace LlmScheduling;

/// <summary>
/// Packs requests into a step in the order of their keys: running requests first, then admissions, within the token,
/// sequence and KV-block budgets. The rules are those of docs/architecture.md, "The planner". Not thread-safe.
/// </summary>
internal sealed class BatchPlanner(BatchSchedulerOptions options, RequestTable table, RunningList running, KvLedger kv, TenantLedger tenants, QueueBound queue, ISchedulingPolicy? victimPolicy)
{
    private readonly CandidateSelection _selection = new();
    private PriorityKey[] _victimKeys = [];
    private BatchPlan _plan = null!;
    private long _lastStep;
    private int _budget;
    private int _prefillBudget;
    private bool _areVictimKeysValid;

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
            if (candidate.Key.IsSpare || LargestBand(keys) is not { } victim || candidate.Key.Band >= keys[victim.Index].Band)
                break;
            Preempt(victim);
            taken = true;
        }

        return taken;
    }

    /// <summary>Fills <paramref name="plan"/> with this step's grants and preemptions.</summary>
    public void Plan(BatchPlan plan, SchedulingStack stack, in SchedulingSnapshot snapshot, ReadOnlySpan<PriorityKey> keys, in KeySummary summary, long lastStep)
    {
        TokenAllocation allocation = stack.Allocation;
        (_plan, _lastStep, _budget) = (plan, lastStep, options.MaxBatchTokens);
        _areVictimKeysValid = false;
        var tpot = new TpotBudget(allocation, snapshot, running, table, keys);
        _prefillBudget = tpot.MaxPrefillTokens(_budget);
        bool byKey = allocation.PrefillOrder == PrefillOrder.ByKey;

        bool preempted = GrantRunning(snapshot, keys, decodesOnly: byKey);
        if (!preempted)
            GrantByKey(allocation, snapshot, keys, summary, in tpot, byKey);
        if (byKey && plan.IsEmpty)
            GrantRunning(snapshot, keys, decodesOnly: false);
        RanOutOfTokens = _budget == 0 || _prefillBudget == 0;
        plan.Shape = ShapeOf(plan);
    }

    /// <summary>Drops a request's KV blocks and seat: it left, or waits again.</summary>
    public void Vacate(LiveRequest request)
    {
        kv.Release(request);
        if (table.ViewOf(request).Stage == RequestPhase.Running)
            running.Remove(request);
    }

    private int FreeSeats(TokenAllocation allocation, in KeySummary summary)
    {
        int seats = options.MaxSequences;
        return allocation.MaxResidentSequences is { } resident && resident > seats
            ? Math.Max(0, Math.Min(resident - running.Count, seats - (running.Count - summary.HeldRunning)))
            : Math.Max(0, seats - running.Count);
    }

    private void OfferWaiting(ReadOnlySpan<PriorityKey> keys)
    {
        ReadOnlySpan<RequestView> views = table.Views;
        for (int i = 0; i < keys.Length; i++)
        {
            if (views[i].Stage != RequestPhase.Running && !keys[i].IsHeld)
                _selection.Offer(keys[i], views[i].Id.Sequence, i);
        }
    }

    /// <summary>Running requests in admission order. Returns whether KV pressure preempted any.</summary>
    private bool GrantRunning(in SchedulingSnapshot snapshot, ReadOnlySpan<PriorityKey> keys, bool decodesOnly)
    {
        bool preempted = false;
        int active = 0;
        for (int place = 0; place < running.Count && _budget > 0 && active < options.MaxSequences; place++)
        {
            LiveRequest request = running[place];
            if (keys[request.Index].IsHeld)
                continue;
            ref readonly RequestView view = ref table.ViewOf(request);
            bool isDecode = IsDecode(request, view);
            if (decodesOnly && !isDecode)
                continue;
            int todo = TokensToCompute(request, view);
            if (todo <= 0)
                continue;
            int tokens = isDecode ? Math.Min(DecodeTokens(request, view), _budget) : Math.Min(Chunk(todo), _prefillBudget);
            if (tokens == 0)
                continue;
            if (!MakeRoom(request, tokens, snapshot, ref place, ref preempted))
                continue;
            active++;
            Grant(request, tokens, hinted: 0, isDecode);
        }

        return preempted;
    }

    /// <summary>Preempts until <paramref name="request"/>'s tokens fit the KV cache. Returns false when it had to yield itself.</summary>
    private bool MakeRoom(LiveRequest request, int tokens, in SchedulingSnapshot snapshot, ref int place, ref bool preempted)
    {
        int missing = MissingBlocks(request, tokens);
        while (missing > kv.Free)
        {
            LiveRequest victim = Victim(snapshot);
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
        int free = FreeSeats(allocation, summary), lookAhead = allocation.LookAheadRequests;
        if ((free == 0 || summary.Waiting == 0) && !byKey)
            return;
        int open = byKey ? OpenPrefills() : 0;
        int wanted = (int)Math.Min(summary.Waiting + (long)open, Math.Min(free, _prefillBudget) + (long)lookAhead + open + 1);
        _selection.Reset(wanted);
        if (free > 0)
            OfferWaiting(keys);
        if (byKey)
            OfferOpenPrefills(keys, summary);

        int spareSeats = (int)Math.Floor((1 - allocation.ReservedSeatShare) * options.MaxSequences), joined = 0;
        long joinedContext = 0;
        foreach (ref readonly Candidate candidate in _selection.InOrder())
        {
            if (_prefillBudget == 0)
                break;
            LiveRequest request = table.Live[candidate.Index];
            ref readonly RequestView view = ref table.ViewOf(request);
            if (view.Stage == RequestPhase.Running)
            {
                GrantOpenPrefill(request, view);
                continue;
            }

            if (free == 0)
                continue;
            bool isSpare = candidate.Key.IsSpare;
            if ((isSpare && running.Count >= spareSeats) || !tpot.AllowsDecode(joined + 1, joinedContext + view.PromptTokens + view.Generated, isSpare))
            {
                if (byKey)
                    continue;
                break;
            }

            bool mayStayOpen = !byKey || open < allocation.MaxOpenPrefills;
            if (TryAdmit(request, view, mayStayOpen, snapshot.Now, out bool isOpen))
            {
                free--;
                joined++;
                joinedContext += view.PromptTokens + view.Generated;
                if (isOpen)
                    open++;
            }
            else if (lookAhead-- <= 0 || candidate.Key.Tier < 0)
            {
                if (!byKey)
                    break;
                free = 0;
            }
        }
    }

    private int OpenPrefills()
    {
        int open = 0;
        foreach (LiveRequest request in running.Items)
        {
            ref readonly RequestView view = ref table.ViewOf(request);
            if (!IsDecode(request, view) && TokensToCompute(request, view) > 0)
                open++;
        }

        return open;
    }

    /// <summary>Open prefills stand in the most urgent waiting band, since bands are a matter of seats: tier and score compare them.</summary>
    private void OfferOpenPrefills(ReadOnlySpan<PriorityKey> keys, in KeySummary summary)
    {
        int band = summary.Waiting > 0 ? summary.SmallestWaitingBand : 0;
        foreach (LiveRequest request in running.Items)
        {
            ref readonly RequestView view = ref table.ViewOf(request);
            PriorityKey key = keys[request.Index];
            if (!key.IsHeld && !IsDecode(request, view) && TokensToCompute(request, view) > 0)
                _selection.Offer(key.IsSpare ? key : key with { Band = band }, request.Id.Sequence, request.Index);
        }
    }

    /// <summary>An open prefill that does not fit the KV cache waits for decodes to end; it preempts nobody.</summary>
    private void GrantOpenPrefill(LiveRequest request, in RequestView view)
    {
        int tokens = Math.Min(Chunk(TokensToCompute(request, view)), _prefillBudget);
        int missing = MissingBlocks(request, tokens);
        if (missing > kv.Free)
            return;
        kv.Take(request, missing);
        Grant(request, tokens, hinted: 0, isDecode: false);
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
        if (missing > kv.Free)
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
        view.Stage = RequestPhase.Running;
        running.Add(request);
    }

    private void Preempt(LiveRequest request)
    {
        ref RequestView view = ref table.ViewOf(request);
        int returned = _plan.CancelGrant(request);
        _budget += returned;
        _prefillBudget = Math.Min(_budget, _prefillBudget + returned);
        Vacate(request);
        view.Stage = RequestPhase.Preempted;
        view.Computed = 0;
        request.InFlightTokens = request.InFlightEmits = 0;
        request.VoidThroughStep = _lastStep;
        request.Preemptions++;
        _plan.AddPreempted(request);
    }

    private LiveRequest? LargestBand(ReadOnlySpan<PriorityKey> keys)
    {
        LiveRequest? largest = null;
        foreach (LiveRequest request in running.Items)
        {
            if (!keys[request.Index].IsHeld && (largest is null || IsBehind(keys[request.Index].Band.CompareTo(keys[largest.Index].Band), request, largest)))
                largest = request;
        }

        return largest;
    }

    private LiveRequest Victim(in SchedulingSnapshot snapshot)
    {
        if (victimPolicy is null)
            return running[running.Count - 1];
        ReadOnlySpan<PriorityKey> keys = VictimKeys(snapshot);
        LiveRequest victim = running[0];
        foreach (LiveRequest request in running.Items)
        {
            if (IsBehind(keys[request.Index].CompareTo(keys[victim.Index]), request, victim))
                victim = request;
        }

        return victim;
    }

    private ReadOnlySpan<PriorityKey> VictimKeys(in SchedulingSnapshot snapshot)
    {
        if (_victimKeys.Length < table.Count)
            _victimKeys = new PriorityKey[Math.Max(table.Count, 2 * _victimKeys.Length)];
        Span<PriorityKey> keys = _victimKeys.AsSpan(0, table.Count);
        if (!_areVictimKeysValid)
        {
            _areVictimKeysValid = true;
            try
            {
                victimPolicy!.Prioritize(snapshot, keys);
            }
            catch (Exception fault)
            {
                _plan.PolicyFault ??= fault;
                keys.Clear();
            }
        }

        return keys;
    }

    /// <summary>Equal keys: the later arrival, then the later admission, stands further back.</summary>
    private bool IsBehind(int keyOrder, LiveRequest request, LiveRequest other) =>
        keyOrder != 0 ? keyOrder > 0
        : request.ArrivedAt != other.ArrivedAt ? request.ArrivedAt > other.ArrivedAt
        : table.ViewOf(request).Place > table.ViewOf(other).Place;

    private void Grant(LiveRequest request, int tokens, int hinted, bool isDecode)
    {
        ref readonly RequestView view = ref table.ViewOf(request);
        bool completes = hinted + tokens >= TokensToCompute(request, view);
        int emits = !completes ? 0 : Math.Min(isDecode ? tokens : 1, view.MaxOutputTokens - view.Generated - request.InFlightEmits);
        _plan.Grant(new PlannedGrant(request, hinted + tokens, Math.Max(0, emits)), tokens);
        _budget -= tokens;
        _prefillBudget = Math.Min(_budget, isDecode ? _prefillBudget : _prefillBudget - tokens);
    }

    private int Chunk(int todo) => options.PrefillChunkTokens is { } chunk ? Math.Min(todo, chunk) : todo;

    private static int TokensToCompute(LiveRequest request, in RequestView view) =>
        request.InFlightTokens == 0 || view.Generated + request.InFlightEmits < view.MaxOutputTokens
            ? view.TokensToCompute + request.InFlightEmits - request.InFlightTokens
            : 0;

    private static bool IsDecode(LiveRequest request, in RequestView view) =>
        view.Generated + request.InFlightEmits > 0 && view.TokensToCompute + request.InFlightEmits - request.InFlightTokens <= 1;

    private int DecodeTokens(LiveRequest request, in RequestView view)
    {
        int left = Math.Max(1, view.MaxOutputTokens - view.Generated - request.InFlightEmits);
        return Chunk(Math.Min(options.TokensPerDecode, left));
    }

    private int MissingBlocks(LiveRequest request, int tokens) =>
        kv.Missing(request, (long)table.ViewOf(request).Computed + request.InFlightTokens + tokens);

    private BatchShape ShapeOf(BatchPlan plan)
    {
        int decodes = 0, prefill = 0;
        long context = 0;
        double attention = 0;
        ReadOnlySpan<PlannedWork> work = plan.Work;
        ReadOnlySpan<PlannedGrant> grants = plan.Grants;
        for (int i = 0; i < work.Length; i++)
        {
            LiveRequest request = grants[i].Request;
            ref readonly RequestView view = ref table.ViewOf(request);
            if (IsDecode(request, view))
            {
                decodes++;
                context += view.PromptTokens + view.Generated + request.InFlightEmits;
            }
            else
            {
                int tokens = work[i].Tokens;
                prefill += tokens;
                attention += tokens * (view.Computed + request.InFlightTokens + (grants[i].AssumedTokens - tokens) + 0.5 * tokens);
            }
        }

        // Assumed from here on, until the step is completed.
        foreach (ref readonly PlannedGrant grant in grants)
        {
            grant.Request.InFlightTokens += grant.AssumedTokens;
            grant.Request.InFlightEmits += grant.AssumedEmits;
        }

        return new BatchShape(decodes, prefill, context, attention);
    }
}
