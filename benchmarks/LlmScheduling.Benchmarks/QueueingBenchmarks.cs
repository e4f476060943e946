using System.Threading.Channels;
using System.Threading.RateLimiting;
using BenchmarkDotNet.Attributes;

namespace LlmScheduling.Benchmarks;

/// <summary>Hands in one request that has to wait: to a scheduler, to a prioritized channel, and to a limiter without free permits.</summary>
public class QueueingBenchmarks
{
    private const int Requests = 8_192;

    private readonly InferenceRequest[] _requests = [.. Enumerable.Range(0, Requests).Select(i => new InferenceRequest { PromptTokens = 16 + 31 * i % 385, MaxOutputTokens = 256 })];
    private BatchScheduler _scheduler = null!;
    private Channel<InferenceRequest> _channel = null!;
    private ConcurrencyLimiter _limiter = null!;

    [IterationSetup]
    public void Empty()
    {
        _scheduler = new BatchScheduler(new SchedulingStack("shortest-prompt", new ShortestPromptFirst()), new BatchSchedulerOptions { MaxQueuedRequests = int.MaxValue });
        _channel = Channel.CreateUnboundedPrioritized(new UnboundedPrioritizedChannelOptions<InferenceRequest> { Comparer = ByPromptTokens.Instance });
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = int.MaxValue });
        _limiter.AttemptAcquire();
    }

    [IterationCleanup]
    public void Dispose()
    {
        _scheduler.Dispose();
        _limiter.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Requests)]
    public void PrioritizedChannelTryWrite()
    {
        foreach (InferenceRequest request in _requests)
            _channel.Writer.TryWrite(request);
    }

    [Benchmark(OperationsPerInvoke = Requests)]
    public void ConcurrencyLimiterAcquireAsync()
    {
        for (int i = 0; i < Requests; i++)
            _ = _limiter.AcquireAsync();
    }

    [Benchmark(OperationsPerInvoke = Requests)]
    public void BatchSchedulerEnqueue()
    {
        foreach (InferenceRequest request in _requests)
            _scheduler.Enqueue(request);
    }
}
