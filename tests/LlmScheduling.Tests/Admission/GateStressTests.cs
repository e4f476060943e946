using System.Collections.Concurrent;

namespace LlmScheduling.Tests.Admission;

/// <summary>100,000 random operations from 16 threads, under policies that hold, refuse, throw and answer NaN.</summary>
public class GateStressTests
{
    private const int Threads = 16, Operations = 100_000 / Threads, Seats = 3, Instances = 3;
    private const long MaxTokens = 60;

    private readonly ConcurrentDictionary<InferenceRequest, RequestOutcome> _refused = new();
    private readonly ConcurrentDictionary<InferenceRequest, bool> _acquired = new();
    private readonly ConcurrentDictionary<InferenceRequest, bool> _withdrawn = new();
    private readonly int[] _seats = new int[Instances];
    private readonly long[] _tokens = new long[Instances];
    private readonly ConcurrentQueue<string> _violations = new();
    private long _requests;

    [Theory]
    [InlineData(1, QueueFullAction.Reject)]
    [InlineData(2, QueueFullAction.Displace)]
    public async Task RandomOperations_EndWithAllSeatsFreeAndOneOutcomeEach(int seed, QueueFullAction queueFull)
    {
        var options = new AdmissionGateOptions { Instances = Instances, MaxSequences = Seats, MaxTokens = MaxTokens, MaxQueuedRequests = 40, MaxQueuedTokens = 400, QueueFull = queueFull };
        var rig = new GateRig(options, assignment: new LargestRemainingMemory());
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(t => new Thread(() => Operate(rig, new Random(seed * 1_000 + t), isClock: t == 0)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        Assert.Empty(_violations);
        rig.Gate.Policy = new FirstComeFirstServed();
        for (int i = 0; i < Instances; i++)
            rig.Gate.SetAvailable(i, true);
        await AllSettle(rig);
        for (int i = 0; i < Seats * Instances; i++)
            rig.Seat(GateRig.Request(prompt: 10, output: 10));
        Assert.False(rig.Gate.TryAcquire(GateRig.Request(prompt: 1, output: 0)).IsAcquired);

        rig.Gate.Dispose();
        Assert.Equal(_requests, _refused.Count + _acquired.Count + _withdrawn.Count);
        Assert.Equal(rig.Ended.Count, rig.Ended.DistinctBy(ended => ended.Id).Count());
        foreach (EndedRequest ended in rig.Ended)
        {
            bool fits = ended.AdmittedAt != TimeSpan.MaxValue ? _acquired.ContainsKey(ended.Request)
                : ended.Outcome == RequestOutcome.Cancelled ? _withdrawn.ContainsKey(ended.Request)
                : _refused.TryGetValue(ended.Request, out RequestOutcome refusal) && refusal == ended.Outcome;
            Assert.True(fits, $"{ended.Outcome} of request {ended.Id} is not what its caller was told (seed {seed}).");
        }

        int unseen = _refused.Count(refused => refused.Value is RequestOutcome.QueueFull or RequestOutcome.Unservable);
        Assert.Equal(_requests, rig.Ended.Count + unseen);
        Assert.All(Enum.GetValues<RequestOutcome>().Except([RequestOutcome.ShutDown]), outcome =>
            Assert.True(
                outcome == RequestOutcome.Displaced && queueFull == QueueFullAction.Reject
                    || rig.Ended.Any(ended => ended.Outcome == outcome) || _refused.Values.Contains(outcome),
                $"{outcome} never happened; the operations are too tame."));
    }

    private static async Task AllSettle(GateRig rig)
    {
        while (rig.Gate.EstimateWait().RequestsAhead > 0)
        {
            rig.Advance(100);
            await Task.Yield();
        }
    }

    private void Operate(GateRig rig, Random random, bool isClock)
    {
        List<(InferenceRequest Request, Task<AdmissionLease> Lease, CancellationTokenSource Caller)> waiting = [];
        List<(InferenceRequest Request, AdmissionLease Lease)> held = [];
        for (int i = 0; i < Operations; i++)
        {
            Thread.Yield();
            Settle(waiting, held);
            switch (held.Count > 0 && random.Next(2) == 0 ? 19 : random.Next(20))
            {
                case < 7 when waiting.Count < 5:
                    InferenceRequest request = Next(random);
                    var caller = new CancellationTokenSource();
                    waiting.Add((request, rig.Gate.AcquireAsync(request, caller.Token).AsTask(), caller));
                    break;
                case < 9:
                    InferenceRequest impatient = Next(random);
                    Take(impatient, rig.Gate.TryAcquire(impatient), held);
                    break;
                case < 11 when waiting.Count > 0:
                    waiting[random.Next(waiting.Count)].Caller.Cancel();
                    break;
                case < 12 when waiting.Count > 0:
                    rig.Gate.TryGetQueuePosition(waiting[random.Next(waiting.Count)].Request, out _);
                    break;
                case < 13:
                    rig.Gate.SetAvailable(random.Next(Instances), random.Next(3) > 0);
                    break;
                case < 14:
                    rig.Gate.Policy = PolicyOf(random.Next(8));
                    break;
                case < 15 when isClock:
                    rig.Advance(random.Next(4));
                    break;
                default:
                    if (held.Count > 0)
                        Free(held, random.Next(held.Count), random.Next(4));
                    break;
            }
        }

        foreach (var (_, _, caller) in waiting.Where((_, i) => i % 2 == 0))
            caller.Cancel();
        while (waiting.Count + held.Count > 0)
        {
            if (isClock)
                rig.Advance(5);
            Settle(waiting, held);
            while (held.Count > 0)
                Free(held, 0, 1);
            foreach (var (_, _, caller) in waiting)
                caller.Cancel();
            Thread.Yield();
        }
    }

    private InferenceRequest Next(Random random)
    {
        Interlocked.Increment(ref _requests);
        TimeSpan? timeout = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 6)) : null;
        return GateRig.Request(prompt: random.Next(1, 32), output: random.Next(0, 32), priority: random.Next(4), tenant: $"{random.Next(5)}", queueTimeout: timeout);
    }

    private void Settle(List<(InferenceRequest Request, Task<AdmissionLease> Lease, CancellationTokenSource Caller)> waiting, List<(InferenceRequest Request, AdmissionLease Lease)> held)
    {
        for (int i = waiting.Count - 1; i >= 0; i--)
        {
            var (request, lease, _) = waiting[i];
            if (!lease.IsCompleted)
                continue;
            waiting.RemoveAt(i);
            if (!lease.IsCanceled)
                Take(request, lease.GetAwaiter().GetResult(), held);
            else if (!_withdrawn.TryAdd(request, true))
                _violations.Enqueue("withdrawn twice");
        }
    }

    private void Take(InferenceRequest request, AdmissionLease lease, List<(InferenceRequest Request, AdmissionLease Lease)> held)
    {
        if (!lease.IsAcquired)
        {
            if (!_refused.TryAdd(request, lease.Refusal.Value))
                _violations.Enqueue("refused twice");
            return;
        }

        if (!_acquired.TryAdd(request, true))
            _violations.Enqueue("acquired twice");
        if (Interlocked.Increment(ref _seats[lease.Instance]) > Seats)
            _violations.Enqueue("more seats than there are");
        if (Interlocked.Add(ref _tokens[lease.Instance], request.PromptTokens + request.MaxOutputTokens) > MaxTokens)
            _violations.Enqueue("more tokens than there are");
        held.Add((request, lease));
    }

    private void Free(List<(InferenceRequest Request, AdmissionLease Lease)> held, int at, int how)
    {
        (InferenceRequest request, AdmissionLease lease) = held[at];
        held.RemoveAt(at);
        Interlocked.Decrement(ref _seats[lease.Instance]);
        Interlocked.Add(ref _tokens[lease.Instance], -(request.PromptTokens + request.MaxOutputTokens));
        // No tokens are reported, so that no length is learnt and the longest output is what counts.
        lease.ReportFirstToken();
        if (how > 0)
            lease.Complete((FinishReason)how);
        lease.Dispose();
    }

    private static ISchedulingPolicy PolicyOf(int kind) => kind switch
    {
        0 => new KeyedBy((in RequestView request) => request.Priority == 3 ? PriorityKey.Hold : new(0, 0)),
        1 => new KeyedBy((in RequestView request) => request.Priority == 2 && request.Phase != RequestPhase.Running ? PriorityKey.Refuse : new(0, 0)),
        2 => new KeyedBy((in RequestView _) => throw new InvalidOperationException("broken")),
        3 => new KeyedBy((in RequestView request) => new(0, request.Priority == 1 ? double.NaN : 0)),
        4 => KeyedBy.PriorityBand,
        _ => KeyedBy.Priority,
    };
}
