using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmScheduling;

/// <summary>
/// What the schedulers that draw from one queue have in common: the door, who waits, the policy, what is learned, and whoever
/// watches. A scheduler alone has one of its own. Members are for the scheduler whose turn it is unless they say otherwise.
/// </summary>
internal sealed class SharedQueue
{
    private readonly AsyncSignal[] _signals;
    private readonly Queue<InboxMessage>[] _forwarded;
    private readonly Queue<InboxMessage> _ranks = new();
    private readonly bool[] _hasFreeSeat;
    private readonly RankingLoop? _ranking;
    private readonly AnnealingLoop? _annealing;
    private volatile SchedulingStack _stack;
    private long _processedTokens;
    private int _open;
    private readonly bool[] _isTakenDown;

    public SharedQueue(SchedulingStack stack, BatchSchedulerOptions? options, SchedulerServices? services, int instances)
    {
        ArgumentNullException.ThrowIfNull(stack);
        stack.Allocation.Validate();
        services ??= new SchedulerServices();
        Options = (options ?? new BatchSchedulerOptions()).Frozen();
        (_stack, Services, _open) = (stack, services, instances);
        _signals = [.. Enumerable.Range(0, instances).Select(_ => new AsyncSignal())];
        _forwarded = [.. Enumerable.Range(0, instances).Select(_ => new Queue<InboxMessage>())];
        _isTakenDown = new bool[instances];
        _hasFreeSeat = new bool[instances];
        Array.Fill(_hasFreeSeat, true);
        Clock = new SchedulerClock(services.TimeProvider);
        ILogger logger = services.LoggerFactory?.CreateLogger<BatchScheduler>() ?? (ILogger)NullLogger.Instance;
        Latency = new LatencyInForce(services.Latency, logger);
        Bound = new QueueBound(Options.MaxQueuedRequests, Options.MaxQueuedTokens);
        Feedback = new SchedulerFeedback("scheduler", stack.Name, services, Bound, logger, services.DecisionLog);
        Feedback.Ready(Options, stack, services);
        PolicyCall = new PolicyCall(logger, Feedback.Metrics);
        Tenants = new TenantLedger(Options.TenantWeights, Options.MaxTrackedTenants);
        Requests = new LiveRequests(Tenants, Bound, Feedback.Observers, services.Slo ?? new DeclaredSlo(), instances);
        Room = new QueueRoom(Requests, Bound);
        Turns = new InstanceTurns(Requests, instances);
        Inbox = new RequestInbox(Options, Requests, Feedback, WakeAll, Clock);
        if (services.Ranker is { } ranker)
            _ranking = new RankingLoop(ranker, services.LengthPredictor, Options.MaxQueuedRequests, Inbox.Post, logger, Feedback.Metrics);
        if (services.Annealer is { } annealer)
            _annealing = new AnnealingLoop(annealer, Inbox.Post, logger, Feedback.Metrics);
    }

    public BatchSchedulerOptions Options { get; }

    public SchedulerServices Services { get; }

    public SchedulerClock Clock { get; }

    public LatencyInForce Latency { get; }

    /// <summary>Any thread.</summary>
    public QueueBound Bound { get; }

    public SchedulerFeedback Feedback { get; }

    public PolicyCall PolicyCall { get; }

    public TenantLedger Tenants { get; }

    public LiveRequests Requests { get; }

    public QueueRoom Room { get; }

    public InstanceTurns Turns { get; }

    /// <summary>Any thread, but for reading.</summary>
    public RequestInbox Inbox { get; }

    public ServiceRate ServiceRate { get; } = new();

    public QueueOrder Order { get; } = new();

    /// <summary>Messages read so far: an instance that found nothing to do looks again when another has read some.</summary>
    public long News { get; private set; }

    /// <summary>Tokens granted in all finished steps. Any thread.</summary>
    public long ProcessedTokens => Volatile.Read(ref _processedTokens);

    /// <summary>Plans of the queue that failed. Any thread.</summary>
    public long AnnealerFaults => _annealing?.Faults ?? 0;

    /// <summary>Whether every scheduler of the queue is disposed. Any thread.</summary>
    public bool IsClosed => Volatile.Read(ref _open) == 0;

    /// <summary>Whether some instance had a free seat after its newest plan. Any thread.</summary>
    public bool HasFreeSeat => _hasFreeSeat.AsSpan().Contains(true);

    /// <summary>Any thread.</summary>
    public SchedulingStack Stack
    {
        get => _stack;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Allocation.Validate();
            _stack = value;
            Feedback.Metrics.Policy = value.Name;
            WakeAll();
        }
    }

    /// <summary>Wakes whoever waits for work at <paramref name="instance"/>. Any thread.</summary>
    public AsyncSignal SignalOf(int instance) => _signals[instance];

    public void SetFreeSeat(int instance, bool hasFreeSeat) => Volatile.Write(ref _hasFreeSeat[instance], hasFreeSeat);

    public void Processed(long tokens) => Volatile.Write(ref _processedTokens, _processedTokens + tokens);

    /// <summary>Whether there are messages that <paramref name="instance"/> can act upon.</summary>
    public bool HasNewsFor(int instance) => Inbox.HasNews || _forwarded[instance].Count > 0;

    /// <summary>Takes out the next message; one about a request that is bound to another instance goes there instead.</summary>
    public bool TryRead(int instance, out InboxMessage message, out LiveRequest live)
    {
        while (_ranks.TryDequeue(out message) || _forwarded[instance].TryDequeue(out message) || Inbox.TryRead(out message))
        {
            News++;
            if (message.Ranks is { } ranks)
            {
                foreach (InboxMessage rank in ranks)
                    _ranks.Enqueue(rank);
                continue;
            }

            if (message.Plan is { } plan)
            {
                Requests.Reorder(plan);
                Feedback.Reordered(plan);
                _annealing?.Read();
                continue;
            }

            LiveRequest? found = message.Request ?? Requests.Table.Find(message.Id);
            if (found is not null && (found.Index >= 0 || message.Request is not null))
            {
                live = found;
                return true;
            }

            if (found is null)
                continue;
            _forwarded[found.Instance].Enqueue(message);
            _signals[found.Instance].Set();
        }

        live = null!;
        return false;
    }

    /// <summary>Has a ranker score the request.</summary>
    public void Rank(LiveRequest live)
    {
        if (!live.Request.Prompt.IsEmpty)
            _ranking?.Collect(live);
    }

    /// <summary>Has the queue planned, as an instance sees it after its own plan, if it is time.</summary>
    public void Anneal(in SchedulingSnapshot snapshot) => _annealing?.Collect(snapshot);

    /// <summary>A scheduler is disposed; with the last one the door closes. Called once by each. Any thread.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0)
            Inbox.Close();
    }

    /// <summary>A scheduler has ended what was bound to it and has no seats; with the last one there is nothing left to measure. Any number of times: an engine's call after the disposal takes down once more.</summary>
    public void TakenDown(int instance)
    {
        SetFreeSeat(instance, false);
        _isTakenDown[instance] = true;
        if (!_isTakenDown.AsSpan().Contains(false))
            Feedback.Dispose();
    }

    /// <summary>Ends ranking and annealing once every scheduler is disposed. Any thread, any number of times.</summary>
    public void StopLoops()
    {
        if (!IsClosed)
            return;
        _ranking?.Dispose();
        _annealing?.Dispose();
    }

    private void WakeAll()
    {
        foreach (AsyncSignal signal in _signals)
            signal.Set();
    }
}
