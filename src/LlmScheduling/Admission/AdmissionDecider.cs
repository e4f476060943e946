using System.Collections.Concurrent;

namespace LlmScheduling;

/// <summary>
/// Makes a gate's decisions: reads the inbox, asks the policy, gives the best their seats in strict order, keeps the queue
/// within its bounds. One thread at a time, by <see cref="DecisionTurn"/>.
/// </summary>
internal sealed class AdmissionDecider
{
    private static readonly TimeSpan HeldPollInterval = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentQueue<InboxMessage> _inbox;
    private readonly AdmissionGateOptions _options;
    private readonly LiveRequests _requests;
    private readonly InstanceLedger _instances;
    private readonly SeatedRequests _seated;
    private readonly AdmissionQueue _queue;
    private readonly PolicyCall _policyCall;
    private readonly AssignmentCall _assignment;
    private readonly SchedulerFeedback _feedback;
    private readonly DecisionTimer _timer;
    private readonly RankingLoop? _ranking;
    private readonly LatencyInForce _latency;
    private readonly WorkPricing _pricing = new();
    private readonly CandidateSelection _selection = new();
    private PriorityKey[] _keys = new PriorityKey[64];
    private long _decisions;
    private bool _isHeld;
    private bool _isDown;
    private volatile bool _isBacklogged;
    private volatile int _freeSeats;

    public AdmissionDecider(ConcurrentQueue<InboxMessage> inbox, AdmissionGateOptions options, LiveRequests requests, InstanceLedger instances, SchedulerFeedback feedback, PolicyCall policyCall, AssignmentCall assignment, DecisionTimer timer, RankingLoop? ranking, LatencyInForce latency)
    {
        (_inbox, _options, _requests, _instances, _feedback) = (inbox, options, requests, instances, feedback);
        (_policyCall, _assignment, _timer, _ranking, _latency) = (policyCall, assignment, timer, ranking, latency);
        _seated = new SeatedRequests(requests, instances, feedback.Metrics);
        _queue = new AdmissionQueue(requests, feedback, options.QueueFull);
        _freeSeats = options.Seats;
    }

    /// <summary>Whether the newest decision left somebody waiting. Any thread.</summary>
    public bool IsBacklogged => _isBacklogged;

    /// <summary>Seats of available instances that the newest decision left free. Any thread.</summary>
    public int FreeSeats => _freeSeats;

    /// <summary>See <see cref="SeatedRequests.ProcessedTokens"/>. Any thread.</summary>
    public long ProcessedTokens => _seated.ProcessedTokens;

    public ServiceRate ServiceRate { get; } = new();

    public QueueOrder Order { get; } = new();

    public void Decide(SchedulingStack stack, SchedulerClock clock, bool isShutDown)
    {
        try
        {
            DecideNow(stack, clock, isShutDown);
        }
        finally
        {
            // Whatever a listener or a logger throws: who got a seat hears of it.
            _seated.HandOut();
        }
    }

    private void DecideNow(SchedulingStack stack, SchedulerClock clock, bool isShutDown)
    {
        Drain(clock, isShutDown);
        TimeSpan now = clock.Now;
        if (isShutDown)
            ShutDown(now);
        _requests.EndTimedOut(now);
        _seated.CollectReports(now);
        _instances.Begin(now, _seated.Items, _requests.Table, _pricing.Under(_latency.Guarded));
        long admissions = _seated.Admissions;
        _isHeld = false;
        if (_requests.Table.NeverAdmitted > 0)
            GiveSeats(stack, now);
        _queue.Settle(now);

        bool isBacklogged = _requests.Table.NeverAdmitted > 0;
        _isBacklogged = isBacklogged;
        _freeSeats = (int)Math.Min(int.MaxValue, _instances.FreeSequences);
        ServiceRate.Observe(now, _seated.Admissions - admissions, isBacklogged || _queue.RefusedAny);
        TimeSpan due = isBacklogged ? _requests.Table.EarliestQueueDeadline : TimeSpan.MaxValue;
        _timer.Set(_isHeld && isBacklogged && due > now + HeldPollInterval ? now + HeldPollInterval : due, now);
    }

    private void Drain(SchedulerClock clock, bool isShutDown)
    {
        while (_inbox.TryDequeue(out InboxMessage message))
        {
            if (message.Ranks is { } ranks)
            {
                foreach (InboxMessage rank in ranks)
                {
                    if (_requests.Table.Find(rank.Id) is { } ranked)
                        _requests.Rank(ranked, rank);
                }

                continue;
            }

            LiveRequest? live = message.Request ?? _requests.Table.Find(message.Id);
            if (live is null)
                continue;
            // Others leave messages meanwhile: what one says has happened before it was read, and after the decision began.
            TimeSpan now = clock.Now;
            switch (message.Kind)
            {
                case InboxMessageKind.Arrival when isShutDown:
                    _requests.Refuse(live, RequestOutcome.ShutDown, now);
                    break;
                case InboxMessageKind.Arrival:
                    _requests.Add(live);
                    _queue.Arrived(live);
                    if (!live.Request.Prompt.IsEmpty)
                        _ranking?.Collect(live);
                    break;
                case InboxMessageKind.Cancel when live.EverAdmitted:
                    _seated.End(live, now);
                    break;
                case InboxMessageKind.Cancel:
                    _requests.End(live, RequestOutcome.Cancelled, FinishReason.None, now);
                    break;
                case InboxMessageKind.Ranked:
                    _requests.Rank(live, message);
                    break;
            }
        }
    }

    private void ShutDown(TimeSpan now)
    {
        if (_isDown)
            return;
        _isDown = true;
        for (int i = _requests.Table.Count - 1; i >= 0; i--)
        {
            if (!_requests.Table.Live[i].EverAdmitted)
                _requests.End(_requests.Table.Live[i], RequestOutcome.ShutDown, FinishReason.None, now);
        }

        _ranking?.Dispose();
        _timer.Dispose();
        _feedback.Dispose();
    }

    private void GiveSeats(SchedulingStack stack, TimeSpan now)
    {
        _decisions++;
        Span<PriorityKey> keys = Ask(stack, now, out KeySummary summary);
        if (summary.HasRefusals && _requests.EndRefused(keys, now))
            keys = Ask(stack, now, out summary);
        if (summary.Waiting > 0)
        {
            Pack(keys, summary.Waiting, now, impatient: false);
            if (_queue.Impatient > 0 && !AnyPatientWaits())
                Pack(keys, summary.Waiting, now, impatient: true);
        }

        Order.Publish(_requests.Table, keys, now);
        for (int i = 0; i < keys.Length && !_isHeld; i++)
            _isHeld = keys[i].IsHeld && !_requests.Table.Live[i].EverAdmitted;
    }

    private Span<PriorityKey> Ask(SchedulingStack stack, TimeSpan now, out KeySummary summary)
    {
        RequestTable table = _requests.Table;
        if (_keys.Length < table.Count)
            _keys = new PriorityKey[Math.Max(table.Count, 2 * _keys.Length)];
        Span<PriorityKey> keys = _keys.AsSpan(0, table.Count);
        var snapshot = new SchedulingSnapshot
        {
            Requests = table.Views,
            Now = now,
            Tenants = _requests.Tenants.Usage,
            Kv = _instances.Budget,
            // A gate knows no steps.
            Limits = new BatchLimits(int.MaxValue, _options.Seats),
            Latency = _latency.Model,
            ProcessedTokens = _seated.ProcessedTokens,
            Admissions = _seated.Admissions,
            Work = _pricing.Under(_latency.Guarded),
            Seed = StepSeed.Of(_options.Seed, _decisions),
        };
        _policyCall.Ask(stack, snapshot, table.IsRunning, keys, out summary);
        return keys;
    }

    /// <summary>Gives seats in the order of the keys, to the first that finds no room. The impatient pass each other, but nobody else.</summary>
    private void Pack(ReadOnlySpan<PriorityKey> keys, int waiting, TimeSpan now, bool impatient)
    {
        RequestTable table = _requests.Table;
        int free = (int)Math.Min(waiting, _instances.FreeSequences);
        _selection.Reset(impatient ? waiting : free);
        if (free == 0)
            return;
        ReadOnlySpan<RequestView> views = table.Views;
        ReadOnlySpan<bool> isRunning = table.IsRunning;
        for (int i = 0; i < keys.Length; i++)
        {
            if (!isRunning[i] && !keys[i].IsHeld && table.Live[i].Lease!.MayWait != impatient)
                _selection.Offer(keys[i], views[i].Id.Sequence, i);
        }

        foreach (ref readonly Candidate candidate in _selection.InOrder())
        {
            LiveRequest live = table.Live[candidate.Index];
            if (!live.Lease!.IsWaiting)
                continue;
            ref readonly RequestView view = ref table.ViewOf(live);
            int instance = _assignment.Choose(view, _instances.Views);
            if (instance >= 0)
            {
                _seated.TryAdmit(live, instance, candidate.Key, now);
            }
            else if (!impatient)
            {
                _isHeld |= _instances.HasRoomFor(view);
                break;
            }
        }
    }

    private bool AnyPatientWaits()
    {
        foreach (LiveRequest live in _requests.Table.Live)
        {
            if (!live.EverAdmitted && live.Lease!.MayWait && live.Lease.IsWaiting)
                return true;
        }

        return false;
    }
}
