namespace LlmScheduling;

/// <summary>
/// Decides, step by step, which requests an engine works on: for whoever owns the engine's loop. Server threads enqueue and
/// await outcomes; the loop asks for a plan, runs it, and says what happened.
/// </summary>
/// <remarks>
/// Any number of threads may enqueue, cancel, ask and swap the stack; the engine's calls (<see cref="WaitForWorkAsync"/>,
/// <see cref="PlanStep"/>, <see cref="CompleteStep"/>) are made one at a time, from any thread, and throw
/// <see cref="InvalidOperationException"/> when they overlap. No lock is held while a policy runs; only schedulers that
/// <see cref="CreateInstances">share a queue</see> wait for each other's plans and reports. Planning a step allocates nothing
/// once its buffers have grown.
/// </remarks>
public sealed class BatchScheduler : IDisposable, IAsyncDisposable
{
    private const long NotIdle = -1;

    private static readonly TimeSpan HeldPollInterval = TimeSpan.FromMilliseconds(5);

    private readonly SharedQueue _queue;
    private readonly int _instance;
    private readonly BatchSchedulerOptions _options;
    private readonly SchedulerClock _clock;
    private readonly EngineGuard _guard;
    private readonly RequestInbox _inbox;
    private readonly AsyncSignal _signal;
    private readonly ITimer _timer;
    private readonly SchedulerFeedback _feedback;
    private readonly LiveRequests _requests;
    private readonly RunningList _running;
    private readonly BatchPlanner _planner;
    private readonly StepDecision _decision;
    private readonly StepLedger _ledger;
    private readonly StepsInFlight _steps;
    private readonly List<RequestHandle> _released = [];
    private long _idleSince = NotIdle;
    private bool _isOut;
    private int _isDisposed;

    /// <summary>Creates a scheduler that starts its clock now.</summary>
    /// <param name="stack">The policy and its allocation.</param>
    /// <param name="options">Capacities; copied. Null: the defaults.</param>
    /// <param name="services">Collaborators. Null: none.</param>
    /// <exception cref="ArgumentException">An option or an allocation setting is out of range; the message names it and the range.</exception>
    /// <exception cref="InvalidOperationException">The decision log records another scheduler.</exception>
    public BatchScheduler(SchedulingStack stack, BatchSchedulerOptions? options = null, SchedulerServices? services = null)
        : this(new SharedQueue(stack, options, services, instances: 1), 0)
    {
    }

    private BatchScheduler(SharedQueue queue, int instance)
    {
        (_queue, _instance, _options, _clock, _inbox) = (queue, instance, queue.Options, queue.Clock, queue.Inbox);
        (_feedback, _requests, _signal) = (queue.Feedback, queue.Requests, queue.SignalOf(instance));
        RequestTable table = _requests.Table;
        _running = new RunningList(table);
        var kv = new KvLedger(_options.KvBlockTokens, _options.KvTotalBlocks, _options.KvReservation);
        var victims = new VictimChoice(table, _running, queue.Services.VictimPolicy, queue.PolicyCall);
        _planner = new BatchPlanner(_options, table, _running, kv, queue.Tenants, queue.Bound, victims);
        _ledger = new StepLedger(_requests, _planner, _feedback.Metrics);
        _steps = new StepsInFlight(_options.StepsInFlight);
        ulong seed = instance == 0 ? _options.Seed : StepSeed.Of(_options.Seed, -instance);
        _decision = new StepDecision(_options, _requests, _running, kv, _planner, _steps, queue.PolicyCall, queue.Latency, seed);
        _guard = new EngineGuard(queue.Turns, instance, TakeDown);
        _timer = queue.Services.TimeProvider.CreateTimer(static signal => ((AsyncSignal)signal!).Set(), _signal, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Creates one scheduler for each of several engines, all with the same capacities, that draw from one queue: a request is
    /// bound to an engine when that engine's plan has a seat and tokens for it, and stays there from then on.
    /// </summary>
    /// <remarks>
    /// Requests may be enqueued with, cancelled at and asked about at any of them. The policy sees, for each plan, who waits and
    /// who is bound to the engine that plans; tenants, length statistics, the learnt latency, the stack, the queue's bounds and
    /// the observers are common to all, and observers are told of one plan or report at a time. Each has its own engine loop,
    /// and disposing one ends only what is bound to it: the others go on, and the last one ends what waits.
    /// </remarks>
    /// <param name="count">Engines; 1 to 4,096.</param>
    /// <param name="stack">The policy and its allocation.</param>
    /// <param name="options">Capacities of each engine, and the bounds of the one queue; copied. Null: the defaults.</param>
    /// <param name="services">Collaborators of all. Null: none.</param>
    /// <exception cref="ArgumentException">The count, an option or an allocation setting is out of range; or there is a decision log, which records one scheduler.</exception>
    public static IReadOnlyList<BatchScheduler> CreateInstances(int count, SchedulingStack stack, BatchSchedulerOptions? options = null, SchedulerServices? services = null)
    {
        if (count is < 1 or > 4_096)
            throw new ArgumentOutOfRangeException(nameof(count), count, "There are 1 to 4096 instances.");
        if (count > 1 && services?.DecisionLog is not null)
            throw new ArgumentException("SchedulerServices.DecisionLog is set; a decision log records one scheduler, not several that share a queue.", nameof(services));
        var queue = new SharedQueue(stack, options, services, count);
        return [.. Enumerable.Range(0, count).Select(instance => new BatchScheduler(queue, instance))];
    }

    /// <summary>The policy and allocation in force; a new one is used from the next <see cref="PlanStep"/> on. Any thread.</summary>
    /// <exception cref="ArgumentException">An allocation setting is out of range.</exception>
    public SchedulingStack Stack
    {
        get => _queue.Stack;
        set => _queue.Stack = value;
    }

    /// <summary>Steps in which the policy failed. Any thread.</summary>
    public long PolicyFaults => _queue.PolicyCall.Faults;

    /// <summary>Calls in which an observer threw. Any thread.</summary>
    public long ObserverFaults => _feedback.Observers.Faults;

    /// <summary>Plans of the queue in which the annealer failed. Any thread.</summary>
    public long AnnealerFaults => _queue.AnnealerFaults;

    /// <summary>Requests that have not ended and are not bound to another engine, those in the inbox included. For an engine that is not in a call.</summary>
    internal int LiveCount => _requests.Table.CountAt(_instance) + _inbox.Arriving;

    /// <summary>KV blocks that are set aside. For an engine that is not in a call.</summary>
    internal long HeldKvBlocks => _planner.HeldKvBlocks;

    /// <summary>Requests that wait for their first admission and their prompt tokens, the inbox included. For an engine that is not in a call.</summary>
    internal (int Requests, long Tokens) Queued => (_queue.Bound.Requests, _queue.Bound.Tokens);

    /// <summary>Tenants and traffic classes that have live requests. For an engine that is not in a call.</summary>
    internal (int Tenants, int Classes) Active => (_requests.Tenants.Active, _requests.Lengths.Active);

    /// <summary>Requests that run. For an engine that is not in a call.</summary>
    internal int RunningCount => _running.Count;

    /// <summary>Queues a request and returns its ticket; one refused at once has its outcome already. Any thread; never waits.</summary>
    /// <exception cref="ArgumentException">The request has a count out of range.</exception>
    public RequestTicket Enqueue(InferenceRequest request)
    {
        LiveRequests.Validate(request);
        return _inbox.Enqueue(request, _queue.ProcessedTokens);
    }

    /// <summary>Cancels a request in any state; nothing happens when it is unknown or has ended. Any thread.</summary>
    public void Cancel(RequestId id) => _inbox.Post(InboxMessage.Cancel(id));

    /// <summary>Corrects how many leading prompt tokens the engine has KV for. Any thread.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="tokens"/> is negative.</exception>
    public void ReportCachedPrefix(RequestId id, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        _inbox.Post(InboxMessage.CachedPrefix(id, tokens));
    }

    /// <summary>How long a request would wait if it came now and went last. Any thread.</summary>
    public QueueEstimate EstimateWait() =>
        _queue.Bound.Requests is var ahead && ahead == 0 && _queue.HasFreeSeat ? new(0, TimeSpan.Zero) : new(Math.Max(0, ahead), _queue.ServiceRate.WaitBehind(Math.Max(0, ahead)));

    /// <summary>
    /// Where a waiting request stands; false when it does not wait, or when nobody has asked for ten seconds. Any thread. The
    /// order is that of a recent step, and orders are written down only while somebody asks: who asks first asks again.
    /// </summary>
    public bool TryGetQueuePosition(RequestId id, out QueueEstimate estimate)
    {
        if (!_queue.Order.TryFind(id, out int ahead))
        {
            estimate = default;
            return false;
        }

        estimate = new QueueEstimate(ahead, _queue.ServiceRate.WaitBehind(ahead));
        return true;
    }

    /// <summary>Accepts no more requests; those it has are served. Any thread.</summary>
    public void StopAccepting() => _inbox.Stop();

    /// <summary>
    /// Waits until there may be something to plan; false once it is stopped and everything has ended. After an empty plan it
    /// waits for news, the nearest timeout, a completed step, or 5 ms, so that held requests neither spin nor starve. An
    /// engine's call; a step may be completed while it waits.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another engine's call is running, or the one step that may be in flight is not completed.</exception>
    public async ValueTask<bool> WaitForWorkAsync(CancellationToken cancellationToken = default)
    {
        _guard.BeginWait();
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Look(out TimeSpan wait) is { } answer)
                    return answer;
                if (wait != Timeout.InfiniteTimeSpan)
                    _timer.Change(wait, Timeout.InfiniteTimeSpan);
                await _signal.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (wait != Timeout.InfiniteTimeSpan)
                    _idleSince = NotIdle;
            }
        }
        finally
        {
            _guard.EndWait();
        }
    }

    /// <summary>Plans the next step. An engine's call.</summary>
    /// <param name="freeKvBlocks">KV blocks that the engine has free after its last completed step; omitted, the scheduler counts for itself. Read only when <see cref="BatchSchedulerOptions.KvTotalBlocks"/> is set.</param>
    /// <exception cref="InvalidOperationException">Another engine's call is running, or as many steps as allowed are not completed.</exception>
    public BatchPlan PlanStep(int freeKvBlocks = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(freeKvBlocks);
        _guard.Enter(EngineCall.PlanStep);
        try
        {
            TimeSpan now = _clock.Now;
            BatchPlan plan = _steps.Next();
            if (!_isOut)
            {
                Drain(now);
                _requests.EndTimedOut(now);
            }

            foreach (RequestHandle handle in _released)
                plan.AddReleased(handle);
            _released.Clear();
            if (!_isOut)
                Decide(plan, now, freeKvBlocks);
            _idleSince = plan.IsEmpty ? _queue.News : NotIdle;
            return plan;
        }
        finally
        {
            _guard.Exit();
        }
    }

    /// <summary>Says what a step has done. A bad report throws and changes nothing. An engine's call.</summary>
    /// <exception cref="ArgumentException">The result names a step that is not the oldest in flight, a request that was not planned, or amounts that cannot be.</exception>
    /// <exception cref="InvalidOperationException">Another engine's call is running.</exception>
    public void CompleteStep(in StepResult result)
    {
        _guard.Enter(EngineCall.CompleteStep);
        try
        {
            BatchPlan? plan = _steps.Oldest(result.Step, _guard.IsDisposed);
            if (plan is null)
                return;
            _ledger.Check(plan, result);
            TimeSpan now = _clock.Now;
            _feedback.Completing(now, result);
            long granted = _ledger.Apply(plan, result, now);
            _queue.Processed(granted);
            _queue.Latency.Observe(plan.Shape, result.Duration);
            _feedback.StepCompleted(plan, result.Duration);
            _steps.Complete();
            _idleSince = NotIdle;
        }
        finally
        {
            _guard.Exit();
        }

        _signal.Set();
    }

    /// <summary>Ends every request as <see cref="RequestOutcome.ShutDown"/>, but for those that others of its queue can serve; does not wait for the engine's loop. Any thread, any number of times.</summary>
    /// <remarks>With a shared queue it waits for a plan that another scheduler of the queue is making just then.</remarks>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _queue.Leave();
        _guard.Dispose();
        _signal.Set();
        _queue.StopLoops();
        _timer.Dispose();
    }

    /// <summary>The same as <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Posts what a ranker found.</summary>
    internal void Post(in InboxMessage message) => _inbox.Post(message);

    /// <summary>Queues an arrival as a decision log tells it.</summary>
    internal void Restore(LiveRequest live) => _inbox.Restore(live);

    /// <summary>
    /// Decides about what came so far at its own instant and not at the next plan, however much comes in between: for an engine
    /// in virtual time. An engine's call.
    /// </summary>
    internal void TakeIn()
    {
        _guard.Enter(EngineCall.PlanStep);
        try
        {
            Drain(_clock.Now);
        }
        finally
        {
            _guard.Exit();
        }
    }

    /// <summary>Work to do (true), all done (false), or neither yet; then how long to wait at most.</summary>
    private bool? Look(out TimeSpan wait)
    {
        wait = Timeout.InfiniteTimeSpan;
        if (!_guard.TryLook())
            return null;
        try
        {
            if (_steps.IsFull)
            {
                return _options.StepsInFlight > 1 ? null
                    : throw new InvalidOperationException("WaitForWorkAsync was called before the planned step was completed.");
            }

            if (_released.Count > 0)
                return true;
            if (_isOut)
                return _steps.Count == 0 ? false : null;
            if (_queue.HasNewsFor(_instance))
                return true;
            bool isIdle = _idleSince == _queue.News;

            // A loop that completes a step whenever it has nothing to plan gets an empty plan to do so.
            if (_requests.Table.Count == 0 && (_steps.Count == 0 || isIdle))
                return _inbox.IsDry && _steps.Count == 0 ? false : null;
            if (!isIdle)
                return true;
            TimeSpan timeout = _requests.Table.EarliestQueueDeadline - _clock.Now;
            wait = timeout < HeldPollInterval ? timeout : HeldPollInterval;
            return wait > TimeSpan.Zero ? null : true;
        }
        finally
        {
            _guard.Exit();
        }
    }

    private void Drain(TimeSpan now)
    {
        while (_queue.TryRead(_instance, out InboxMessage message, out LiveRequest live))
        {
            _feedback.Drained(message, live);
            switch (message.Kind)
            {
                case InboxMessageKind.Arrival:
                    Arrive(live, now);
                    break;
                case InboxMessageKind.Cancel:
                    EndEarly(live, RequestOutcome.Cancelled, now);
                    break;
                case InboxMessageKind.CachedPrefix:
                    _requests.Table.ViewOf(live).CachedPrefix = message.Tokens;
                    break;
                case InboxMessageKind.Ranked:
                    _requests.Rank(live, message);
                    break;
            }
        }

        _queue.Room.Forget();
    }

    private void Arrive(LiveRequest live, TimeSpan now)
    {
        if (_options.QueueFull == QueueFullAction.Displace && !_queue.Room.MakeFor(live, now))
        {
            _requests.Refuse(live, RequestOutcome.QueueFull, now);
            return;
        }

        _requests.Add(live);
        _queue.Rank(live);
    }

    /// <summary>Ends a request without the engine; one that runs is released, so that the engine frees its KV.</summary>
    private void EndEarly(LiveRequest live, RequestOutcome outcome, TimeSpan now)
    {
        if (_requests.Table.ViewOf(live).Stage == RequestPhase.Running)
            _released.Add(new RequestHandle(live.Id, live.Request));
        _planner.Vacate(live);
        _requests.End(live, outcome, FinishReason.None, now);
    }

    private void Decide(BatchPlan plan, TimeSpan now, int freeKvBlocks)
    {
        SchedulingStack stack = _queue.Stack;
        long admissions = _planner.Admissions;
        ReadOnlySpan<PriorityKey> keys = _decision.Fill(plan, stack, now, freeKvBlocks, _queue.ProcessedTokens, out SchedulingSnapshot snapshot);
        admissions = _planner.Admissions - admissions;
        _queue.SetFreeSeat(_instance, _running.Count < _options.MaxSequences);
        _queue.ServiceRate.Observe(now, admissions, _queue.Bound.Requests > 0);
        _queue.Order.Publish(_requests.Table, keys, now);
        _feedback.Planned(snapshot, freeKvBlocks, stack, plan, keys, _running.Newest(admissions));
        _queue.Anneal(snapshot);
    }

    /// <summary>Runs once nobody else touches the state. With the last scheduler of the queue the inbox is closed, so what it holds is all there will be.</summary>
    private void TakeDown()
    {
        TimeSpan now = _clock.Now;
        bool isLast = _queue.IsClosed;
        _isOut = !isLast;
        while (isLast && _queue.TryRead(_instance, out InboxMessage message, out LiveRequest live))
        {
            if (message.Kind != InboxMessageKind.Arrival)
                continue;
            _feedback.Drained(message, live);
            _requests.Refuse(live, RequestOutcome.ShutDown, now);
        }

        if (isLast)
            _feedback.Stopping(now);
        for (int i = _requests.Table.Count - 1; i >= 0; i--)
        {
            LiveRequest live = _requests.Table.Live[i];
            if (isLast || live.EverAdmitted)
                EndEarly(live, RequestOutcome.ShutDown, now);
        }

        _queue.TakenDown(_instance);
    }
}
