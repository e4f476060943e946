using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmScheduling;

/// <summary>
/// Decides, step by step, which requests an engine works on: for whoever owns the engine's loop. Server threads enqueue and
/// await outcomes; the loop asks for a plan, runs it, and says what happened.
/// </summary>
/// <remarks>
/// Any number of threads may enqueue, cancel, ask and swap the stack; the engine's calls (<see cref="WaitForWorkAsync"/>,
/// <see cref="PlanStep"/>, <see cref="CompleteStep"/>) are made one at a time, from any thread, and throw
/// <see cref="InvalidOperationException"/> when they overlap. No lock is held while a policy runs. Planning a step allocates
/// nothing once its buffers have grown.
/// </remarks>
public sealed class BatchScheduler : IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan HeldPollInterval = TimeSpan.FromMilliseconds(5);

    private readonly BatchSchedulerOptions _options;
    private readonly SchedulerClock _clock;
    private readonly EngineGuard _guard;
    private readonly RequestInbox _inbox;
    private readonly AsyncSignal _signal = new();
    private readonly ITimer _timer;
    private readonly SchedulerFeedback _feedback;
    private readonly PolicyCall _policyCall;
    private readonly QueueBound _queue;
    private readonly LiveRequests _requests;
    private readonly QueueRoom _queueRoom;
    private readonly RunningList _running;
    private readonly BatchPlanner _planner;
    private readonly StepDecision _decision;
    private readonly StepLedger _ledger;
    private readonly StepsInFlight _steps;
    private readonly ServiceRate _serviceRate = new();
    private readonly QueueOrder _order = new();
    private readonly RankingLoop? _ranking;
    private readonly LatencyInForce _latency;
    private readonly List<RequestHandle> _released = [];
    private volatile SchedulingStack _stack;
    private long _processedTokens;
    private volatile bool _hasFreeSeat = true;
    private bool _isIdleStep;

    /// <summary>Creates a scheduler that starts its clock now.</summary>
    /// <param name="stack">The policy and its allocation.</param>
    /// <param name="options">Capacities; copied. Null: the defaults.</param>
    /// <param name="services">Collaborators. Null: none.</param>
    /// <exception cref="ArgumentException">An option or an allocation setting is out of range; the message names it and the range.</exception>
    /// <exception cref="InvalidOperationException">The decision log records another scheduler.</exception>
    public BatchScheduler(SchedulingStack stack, BatchSchedulerOptions? options = null, SchedulerServices? services = null)
    {
        ArgumentNullException.ThrowIfNull(stack);
        stack.Allocation.Validate();
        services ??= new SchedulerServices();
        _options = (options ?? new BatchSchedulerOptions()).Frozen();
        _stack = stack;
        _clock = new SchedulerClock(services.TimeProvider);
        ILogger logger = services.LoggerFactory?.CreateLogger<BatchScheduler>() ?? (ILogger)NullLogger.Instance;
        _latency = new LatencyInForce(services.Latency, logger);
        _queue = new QueueBound(_options.MaxQueuedRequests, _options.MaxQueuedTokens);
        _feedback = new SchedulerFeedback("scheduler", stack.Name, services, _queue, logger, services.DecisionLog);
        _feedback.Ready(_options, stack, services);
        _policyCall = new PolicyCall(logger, _feedback.Metrics);
        var tenants = new TenantLedger(_options.TenantWeights, _options.MaxTrackedTenants);
        _requests = new LiveRequests(tenants, _queue, _feedback.Observers, services.Slo ?? new DeclaredSlo());
        _queueRoom = new QueueRoom(_requests, _queue);
        _running = new RunningList(_requests.Table);
        var kv = new KvLedger(_options.KvBlockTokens, _options.KvTotalBlocks, _options.KvReservation);
        _planner = new BatchPlanner(_options, _requests.Table, _running, kv, tenants, _queue, new VictimChoice(_requests.Table, _running, services.VictimPolicy, _policyCall));
        _ledger = new StepLedger(_requests, _planner, _feedback.Metrics);
        _steps = new StepsInFlight(_options.StepsInFlight);
        _decision = new StepDecision(_options, _requests, _running, kv, _planner, _steps, _policyCall, _latency);
        _inbox = new RequestInbox(_options, _requests, _feedback, _signal, _clock);
        _guard = new EngineGuard(TakeDown);
        _timer = services.TimeProvider.CreateTimer(static signal => ((AsyncSignal)signal!).Set(), _signal, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (services.Ranker is { } ranker)
            _ranking = new RankingLoop(ranker, services.LengthPredictor, _options.MaxQueuedRequests, Post, logger, _feedback.Metrics);
    }

    /// <summary>The policy and allocation in force; a new one is used from the next <see cref="PlanStep"/> on. Any thread.</summary>
    /// <exception cref="ArgumentException">An allocation setting is out of range.</exception>
    public SchedulingStack Stack
    {
        get => _stack;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Allocation.Validate();
            _stack = value;
            _feedback.Metrics.Policy = value.Name;
            _signal.Set();
        }
    }

    /// <summary>Steps in which the policy failed. Any thread.</summary>
    public long PolicyFaults => _policyCall.Faults;

    /// <summary>Calls in which an observer threw. Any thread.</summary>
    public long ObserverFaults => _feedback.Observers.Faults;

    /// <summary>Requests that have not ended, those in the inbox included. For an engine that is not in a call.</summary>
    internal int LiveCount => _requests.Table.Count + _inbox.Arriving;

    /// <summary>KV blocks that are set aside. For an engine that is not in a call.</summary>
    internal long HeldKvBlocks => _planner.HeldKvBlocks;

    /// <summary>Requests that wait for their first admission and their prompt tokens, the inbox included. For an engine that is not in a call.</summary>
    internal (int Requests, long Tokens) Queued => (_queue.Requests, _queue.Tokens);

    /// <summary>Tenants and traffic classes that have live requests. For an engine that is not in a call.</summary>
    internal (int Tenants, int Classes) Active => (_requests.Tenants.Active, _requests.Lengths.Active);

    /// <summary>Requests that run. For an engine that is not in a call.</summary>
    internal int RunningCount => _running.Count;

    /// <summary>Queues a request and returns its ticket; one refused at once has its outcome already. Any thread; never waits.</summary>
    /// <exception cref="ArgumentException">The request has a count out of range.</exception>
    public RequestTicket Enqueue(InferenceRequest request)
    {
        LiveRequests.Validate(request);
        return _inbox.Enqueue(request, Volatile.Read(ref _processedTokens));
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
        _queue.Requests is var ahead && ahead == 0 && _hasFreeSeat ? new(0, TimeSpan.Zero) : new(Math.Max(0, ahead), _serviceRate.WaitBehind(Math.Max(0, ahead)));

    /// <summary>
    /// Where a waiting request stands; false when it does not wait, or when nobody has asked for ten seconds. Any thread. The
    /// order is that of a recent step, and orders are written down only while somebody asks: who asks first asks again.
    /// </summary>
    public bool TryGetQueuePosition(RequestId id, out QueueEstimate estimate)
    {
        if (!_order.TryFind(id, out int ahead))
        {
            estimate = default;
            return false;
        }

        estimate = new QueueEstimate(ahead, _serviceRate.WaitBehind(ahead));
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
                    _isIdleStep = false;
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
            Drain(now);
            _requests.EndTimedOut(now);
            foreach (RequestHandle handle in _released)
                plan.AddReleased(handle);
            _released.Clear();
            Decide(plan, now, freeKvBlocks);
            _isIdleStep = plan.IsEmpty;
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
            Volatile.Write(ref _processedTokens, _processedTokens + granted);
            _latency.Observe(plan.Shape, result.Duration);
            _feedback.StepCompleted(plan, result.Duration);
            _steps.Complete();
            _isIdleStep = false;
        }
        finally
        {
            _guard.Exit();
        }

        _signal.Set();
    }

    /// <summary>Ends every request as <see cref="RequestOutcome.ShutDown"/>; does not wait for the engine's loop. Any thread, any number of times.</summary>
    public void Dispose()
    {
        _inbox.Close();
        _guard.Dispose();
        _ranking?.Dispose();
        _timer.Dispose();
        _signal.Set();
    }

    /// <summary>The same as <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Posts what a ranker found; the route of <see cref="RankingLoop"/> and of the simulator.</summary>
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

            if (_released.Count > 0 || _inbox.HasNews)
                return true;

            // A loop that completes a step whenever it has nothing to plan gets an empty plan to do so.
            if (_requests.Table.Count == 0 && (_steps.Count == 0 || _isIdleStep))
                return _inbox.IsDry && _steps.Count == 0 ? false : null;
            if (!_isIdleStep)
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
        while (_inbox.TryRead(out InboxMessage message))
        {
            LiveRequest? live = message.Request ?? _requests.Table.Find(message.Id);
            if (live is null)
                continue;
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

        _queueRoom.Forget();
    }

    private void Arrive(LiveRequest live, TimeSpan now)
    {
        if (_options.QueueFull == QueueFullAction.Displace && !_queueRoom.MakeFor(live, now))
        {
            _requests.Refuse(live, RequestOutcome.QueueFull, now);
            return;
        }

        _requests.Add(live);
        if (!live.Request.Prompt.IsEmpty)
            _ranking?.Collect(live);
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
        SchedulingStack stack = _stack;
        long admissions = _planner.Admissions;
        ReadOnlySpan<PriorityKey> keys = _decision.Fill(plan, stack, now, freeKvBlocks, _processedTokens, out SchedulingSnapshot snapshot);
        admissions = _planner.Admissions - admissions;
        _hasFreeSeat = _running.Count < _options.MaxSequences;
        _serviceRate.Observe(now, admissions, _queue.Requests > 0);
        _order.Publish(_requests.Table, keys, now);
        _feedback.Planned(snapshot, freeKvBlocks, stack, plan, keys, _running.Newest(admissions));
    }

    /// <summary>Runs once nobody else touches the state: the inbox is closed, so what it holds is all there will be.</summary>
    private void TakeDown()
    {
        TimeSpan now = _clock.Now;
        while (_inbox.TryRead(out InboxMessage message))
        {
            if (message.Request is not { } live)
                continue;
            _feedback.Drained(message, live);
            _requests.Refuse(live, RequestOutcome.ShutDown, now);
        }

        _feedback.Stopping(now);
        while (_requests.Table.Count > 0)
            EndEarly(_requests.Table.Live[_requests.Table.Count - 1], RequestOutcome.ShutDown, now);
        _feedback.Dispose();
    }
}
