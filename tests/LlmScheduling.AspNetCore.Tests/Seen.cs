using System.Threading.Channels;

namespace LlmScheduling.AspNetCore.Tests;

/// <summary>What a gate does, to be awaited: how many requests live in it, and how each ended.</summary>
internal sealed class Seen : ISchedulingPolicy, ISchedulingObserver
{
    private readonly Channel<EndedRequest> _ended = Channel.CreateUnbounded<EndedRequest>();
    private readonly Lock _lock = new();
    private readonly List<(int Live, TaskCompletionSource Reached)> _waiters = [];
    private int _live;

    public ISchedulingPolicy Order { get; set; } = new FirstComeFirstServed();

    /// <summary>Completes once the policy was asked about so many requests, seated ones included.</summary>
    public Task UntilLiveAsync(int live)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_live >= live)
                return Task.CompletedTask;
            _waiters.Add((live, reached));
        }

        return reached.Task.WaitAsync(WebRig.Patience);
    }

    public async Task<EndedRequest> NextEndedAsync() => await _ended.Reader.ReadAsync().AsTask().WaitAsync(WebRig.Patience);

    public void AssertNobodyElseEnded() => Assert.False(_ended.Reader.TryRead(out EndedRequest other), $"{other.Outcome}");

    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        Order.Prioritize(snapshot, keys);
        lock (_lock)
        {
            _live = snapshot.Requests.Length;
            foreach ((int live, TaskCompletionSource reached) in _waiters)
            {
                if (_live >= live)
                    reached.TrySetResult();
            }
        }
    }

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request)
    {
        lock (_lock)
            _live--;
        _ended.Writer.TryWrite(request);
    }
}
