using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmScheduling;

/// <summary>
/// Decides who gets the next free seat, and on which instance: for gateways that do not own an engine. A request acquires a
/// lease, waits in one central queue while all seats are taken, and is bound to an instance only when it gets its seat.
/// </summary>
/// <remarks>
/// All members may be called by any thread. There is no thread of its own: whoever arrives, frees a seat, cancels, or whose
/// timer fires decides for all, and the others leave a message and go. No lock is held while a policy runs, and callers that
/// waited go on asynchronously, never inside the decision. Seats are given in strict order: a request at the head that finds
/// no room blocks those behind it, so that nobody starves it. A gate takes no seat back, so of a policy's bands only the order
/// counts, and it has no reserve, so a key that is <see cref="PriorityKey.IsSpare"/> is merely last. To a policy, the limits
/// of a step are those of all seats together, with no bound on tokens.
/// </remarks>
public sealed class AdmissionGate : IDisposable, IAsyncDisposable
{
    private readonly ConcurrentQueue<InboxMessage> _inbox = new();
    private readonly ConcurrentDictionary<InferenceRequest, AdmissionLease> _waiting = new();
    private readonly AdmissionGateOptions _options;
    private readonly SchedulerClock _clock;
    private readonly long _doorBound;
    private readonly QueueBound _queue;
    private readonly SchedulerFeedback _feedback;
    private readonly PolicyCall _policyCall;
    private readonly AssignmentCall _assignment;
    private readonly LiveRequests _requests;
    private readonly InstanceLedger _instances;
    private readonly AdmissionDecider _decider;
    private readonly DecisionTurn _turn;
    private volatile SchedulingStack _stack;
    private long _nextId;
    private volatile bool _isStopped;
    private volatile bool _isDisposed;

    /// <summary>Creates a gate that starts its clock now, with all instances available.</summary>
    /// <param name="policy">Who goes first.</param>
    /// <param name="options">Capacities; copied. Null: the defaults.</param>
    /// <param name="services">Collaborators. Null: none.</param>
    /// <param name="assignment">Where the first runs. Null: on the available instance with most free sequences, the lowest index on ties.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it and the range.</exception>
    public AdmissionGate(ISchedulingPolicy policy, AdmissionGateOptions? options = null, SchedulerServices? services = null, IInstanceAssignment? assignment = null)
        : this(StackOf(policy), options, services, assignment)
    {
    }

    /// <summary>The same with a policy that has a name.</summary>
    internal AdmissionGate(SchedulingStack stack, AdmissionGateOptions? options, SchedulerServices? services, IInstanceAssignment? assignment)
    {
        _stack = stack;
        services ??= new SchedulerServices();
        _options = (options ?? new AdmissionGateOptions()).Frozen();
        _clock = new SchedulerClock(services.TimeProvider);
        long contenders = _options.QueueFull == QueueFullAction.Displace ? Math.Max(256, _options.MaxQueuedRequests) : 0;
        _doorBound = (long)_options.MaxQueuedRequests + _options.Seats + contenders;
        ILogger logger = services.LoggerFactory?.CreateLogger<AdmissionGate>() ?? (ILogger)NullLogger.Instance;
        _queue = new QueueBound(_options.MaxQueuedRequests, _options.MaxQueuedTokens);
        _feedback = new SchedulerFeedback("gate", _stack.Name, services, _queue, logger);
        _policyCall = new PolicyCall(logger, _feedback.Metrics);
        _assignment = new AssignmentCall(assignment, logger);
        _requests = new LiveRequests(new TenantLedger(_options.TenantWeights, _options.MaxTrackedTenants), _queue, _feedback.Observers, services.Slo ?? new DeclaredSlo());
        _instances = new InstanceLedger(_options.Instances, _options.MaxSequences, _options.MaxTokens);

        // What a ranker finds changes the order of the next decision, and is no reason for one.
        RankingLoop? ranking = services.Ranker is { } ranker
            ? new RankingLoop(ranker, services.LengthPredictor, _options.MaxQueuedRequests, (in InboxMessage message) => _inbox.Enqueue(message), logger, _feedback.Metrics)
            : null;
        _decider = new AdmissionDecider(_inbox, _options, _requests, _instances, _feedback, _policyCall, _assignment, new DecisionTimer(services.TimeProvider, () => Post(InboxMessage.Wake)), ranking, new LatencyInForce(services.Latency, logger));
        _turn = new DecisionTurn(() => _decider.Decide(_stack, _clock, _isDisposed));
    }

    /// <summary>The policy in force; a new one decides at once about all who wait, and is named after its type.</summary>
    public ISchedulingPolicy Policy
    {
        get => _stack.Policy;
        set => Use(StackOf(value));
    }

    /// <summary>The name of the policy in force, which every measurement carries: that of its type, unless <see cref="UsePolicy"/> or the registration gave another.</summary>
    public string PolicyName => _stack.Name;

    /// <summary>Decisions in which the policy failed; such a decision is first come, first served, and refuses nobody.</summary>
    public long PolicyFaults => _policyCall.Faults;

    /// <summary>Choices in which the assignment failed.</summary>
    public long AssignmentFaults => _assignment.Faults;

    /// <summary>Calls in which an observer threw.</summary>
    public long ObserverFaults => _feedback.Observers.Faults;

    /// <summary>Whether the newest decision left somebody waiting. Who has come since may be about to get a seat.</summary>
    internal bool IsBacklogged => _decider.IsBacklogged;

    /// <summary>Time since the gate was made.</summary>
    internal TimeSpan Now => _clock.Now;

    /// <summary>
    /// Waits for a seat. A refusal is a value (<see cref="AdmissionLease.IsAcquired"/> is false); only the caller's own token
    /// is an exception, and a request that it withdraws never gets a seat afterwards.
    /// </summary>
    /// <param name="request">The request. Its prompt and longest output must fit <see cref="AdmissionGateOptions.MaxTokens"/>.</param>
    /// <param name="cancellationToken">Withdraws the request while it waits; without effect once it has its seat.</param>
    /// <returns>The lease; await it once.</returns>
    /// <exception cref="ArgumentException">The request has a count out of range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled first.</exception>
    public ValueTask<AdmissionLease> AcquireAsync(InferenceRequest request, CancellationToken cancellationToken = default)
    {
        LiveRequests.Validate(request);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<AdmissionLease>(cancellationToken);
        AdmissionLease lease = Arrive(request, mayWait: true);
        return lease.IsHandedOut ? new ValueTask<AdmissionLease>(lease) : WaitAsync(lease, cancellationToken);
    }

    /// <summary>
    /// Takes a seat that is free now, and never waits for one nor passes anyone who does: otherwise the lease is refused as
    /// <see cref="RequestOutcome.QueueFull"/>. It may wait out a decision that another thread is making.
    /// </summary>
    /// <exception cref="ArgumentException">The request has a count out of range.</exception>
    /// <exception cref="InvalidOperationException">Called from within a policy, an assignment or an observer of this gate.</exception>
    public AdmissionLease TryAcquire(InferenceRequest request) => TryAcquire(request, float.NaN, default);

    /// <summary>The same for a request whose rank and length are predicted already.</summary>
    internal AdmissionLease TryAcquire(InferenceRequest request, float score, LengthEstimate length)
    {
        LiveRequests.Validate(request);
        if (_turn.IsMine)
            throw new InvalidOperationException("TryAcquire was called from within a decision of the same gate, which cannot answer it.");
        AdmissionLease lease = Arrive(request, mayWait: false, score, length);
        var spin = new SpinWait();
        while (!lease.IsHandedOut)
        {
            spin.SpinOnce();
            _turn.Execute();
        }

        return lease;
    }

    /// <summary>How full the gate is. Takes no lock and makes no decision.</summary>
    public AdmissionStatistics GetStatistics() =>
        new(_decider.FreeSeats, Math.Max(0, _queue.Requests), Math.Max(0, _queue.Tokens), _options.MaxQueuedRequests, _options.MaxQueuedTokens, !_isStopped);

    /// <summary>How long a request would wait if it came now and went last.</summary>
    public QueueEstimate EstimateWait() =>
        Math.Max(0, _queue.Requests) is var ahead && ahead == 0 && _decider.FreeSeats > 0 ? new(0, TimeSpan.Zero) : new(ahead, _decider.ServiceRate.WaitBehind(ahead));

    /// <summary>
    /// Where a request that waits in <see cref="AcquireAsync"/> stands; false when it does not wait. The order is that of a
    /// decision of the last tenth of a second; a request that came since is taken to go last.
    /// </summary>
    public bool TryGetQueuePosition(InferenceRequest request, out QueueEstimate estimate)
    {
        ArgumentNullException.ThrowIfNull(request);
        estimate = default;
        if (!_waiting.TryGetValue(request, out AdmissionLease? lease) || !lease.IsWaiting)
            return false;
        if (!_decider.Order.TryFind(lease.Live.Id, out int ahead))
        {
            Post(InboxMessage.Wake);
            if (!lease.IsWaiting)
                return false;
            if (!_decider.Order.TryFind(lease.Live.Id, out ahead))
                ahead = Math.Max(0, _queue.Requests - 1);
        }

        estimate = new QueueEstimate(ahead, _decider.ServiceRate.WaitBehind(ahead));
        return true;
    }

    /// <summary>Says whether an instance takes new requests; those it serves go on. One that comes back serves the queue at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such instance.</exception>
    public void SetAvailable(int instance, bool isAvailable)
    {
        if ((uint)instance >= (uint)_options.Instances)
            throw new ArgumentOutOfRangeException(nameof(instance), instance, $"There are instances 0 to {_options.Instances - 1}.");
        _instances.SetAvailable(instance, isAvailable);
        Post(InboxMessage.Wake);
    }

    /// <summary>Puts a policy in force under a name of its own: a decorated policy is known by its outermost type otherwise.</summary>
    /// <param name="policy">Who goes first; it decides at once about all who wait.</param>
    /// <param name="name">What metrics and logs call it; not empty. One of a few: every name is a series of its own.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or blank.</exception>
    public void UsePolicy(ISchedulingPolicy policy, string name)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Use(new SchedulingStack(name, policy));
    }

    /// <summary>Accepts no more requests; those that wait are served.</summary>
    public void StopAccepting() => _isStopped = true;

    /// <summary>Ends all who wait as <see cref="RequestOutcome.ShutDown"/>, and all who come. Leases that are out stay valid. Any number of times.</summary>
    public void Dispose()
    {
        _isStopped = true;
        _isDisposed = true;
        Post(InboxMessage.Wake);
    }

    /// <summary>The same as <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Leaves a message and sees to it that somebody decides.</summary>
    internal void Post(in InboxMessage message)
    {
        _inbox.Enqueue(message);
        _turn.Ask();
    }

    /// <summary>When what waits now will have been served; null while nothing has been measured.</summary>
    internal TimeSpan? RetryAfter()
    {
        TimeSpan wait = _decider.ServiceRate.WaitBehind(Math.Max(0, _queue.Requests));
        return wait == TimeSpan.MaxValue ? null : wait;
    }

    private void Use(SchedulingStack stack)
    {
        _stack = stack;
        _feedback.Metrics.Policy = stack.Name;
        Post(InboxMessage.Wake);
    }

    private static SchedulingStack StackOf(ISchedulingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new SchedulingStack(policy.GetType().Name, policy);
    }

    private AdmissionLease Arrive(InferenceRequest request, bool mayWait, float score = float.NaN, LengthEstimate length = default)
    {
        var id = new RequestId(Interlocked.Increment(ref _nextId) - 1);
        LiveRequest live = _requests.Create(request, id, Now, _decider.ProcessedTokens);
        var lease = new AdmissionLease(this, live, mayWait);
        live.Lease = lease;
        RequestOutcome? refusal = RefusalOf(request);
        if (refusal is null)
        {
            bool fits = _queue.Enter(request.PromptTokens);
            if (!IsFull(fits, mayWait))
            {
                _inbox.Enqueue(InboxMessage.Arrival(live));
                if (length.IsKnown)
                    _inbox.Enqueue(InboxMessage.Ranked(id, score, length));
                _turn.AskFor(lease);
                return lease;
            }

            _queue.Leave(request.PromptTokens);
            refusal = RequestOutcome.QueueFull;
        }

        lease.Close(refusal.Value);
        _feedback.Refused(live, refusal.Value);
        live.Ticket.TryEnd(refusal.Value);
        return lease;
    }

    private RequestOutcome? RefusalOf(InferenceRequest request) =>
        _isStopped ? RequestOutcome.ShutDown
        : (long)request.PromptTokens + request.MaxOutputTokens > _options.MaxTokens ? RequestOutcome.Unservable
        : request.QueueTimeout <= TimeSpan.Zero ? RequestOutcome.TimedOutInQueue
        : null;

    /// <summary>Whether the door can already tell that there is no room; otherwise the decision does, which knows of free seats.</summary>
    private bool IsFull(bool fits, bool mayWait) =>
        !mayWait ? _decider.IsBacklogged
        : !fits && ((_decider.IsBacklogged && _options.QueueFull == QueueFullAction.Reject) || _queue.Requests > _doorBound);

    private async ValueTask<AdmissionLease> WaitAsync(AdmissionLease lease, CancellationToken cancellationToken)
    {
        InferenceRequest request = lease.Live.Request;
        Task<AdmissionLease> handedOut = lease.WhenHandedOut();
        _waiting[request] = lease;
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((AdmissionLease)state!).Withdraw(token), lease);
        try
        {
            return await handedOut.ConfigureAwait(false);
        }
        finally
        {
            registration.Unregister();
            _waiting.TryRemove(new KeyValuePair<InferenceRequest, AdmissionLease>(request, lease));
        }
    }
}
