using System.Threading.Channels;
using System.Threading.RateLimiting;
using BenchmarkDotNet.Attributes;

namespace LlmScheduling.Benchmarks;

/// <summary>One request comes and one goes, with 64 seats and so many that wait: what a gateway does per request.</summary>
public class AdmissionBenchmarks
{
    private const int Seats = 64, Requests = 512;

    private readonly Queue<Task<AdmissionLease>> _gateLeases = new();
    private readonly Queue<Task<RateLimitLease>> _limiterLeases = new();
    private AdmissionGate _gate = null!;
    private ConcurrencyLimiter _limiter = null!;
    private Channel<InferenceRequest> _channel = null!;
    private int _prompt;

    /// <summary>Requests that wait; 0 keeps one seat free.</summary>
    [Params(0, 100, 1_000)]
    public int Waiting { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _gate = new AdmissionGate(new FirstComeFirstServed(), new AdmissionGateOptions { MaxSequences = Seats, MaxQueuedRequests = int.MaxValue });
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = Seats, QueueLimit = int.MaxValue });
        _channel = Channel.CreateUnboundedPrioritized(new UnboundedPrioritizedChannelOptions<InferenceRequest> { Comparer = ByPromptTokens.Instance });
        for (int i = 0; i < (Waiting == 0 ? Seats - 1 : Seats + Waiting); i++)
        {
            _gateLeases.Enqueue(_gate.AcquireAsync(NextRequest()).AsTask());
            _limiterLeases.Enqueue(_limiter.AcquireAsync().AsTask());
            if (i < Waiting)
                _channel.Writer.TryWrite(NextRequest());
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _gate.Dispose();
        _limiter.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Requests)]
    public async Task ConcurrencyLimiter()
    {
        for (int i = 0; i < Requests; i++)
        {
            _limiterLeases.Enqueue(_limiter.AcquireAsync().AsTask());
            (await _limiterLeases.Dequeue()).Dispose();
        }
    }

    [Benchmark(OperationsPerInvoke = Requests)]
    public void PrioritizedChannel()
    {
        for (int i = 0; i < Requests; i++)
        {
            _channel.Writer.TryWrite(NextRequest());
            _channel.Reader.TryRead(out _);
        }
    }

    [Benchmark(OperationsPerInvoke = Requests)]
    public async Task AdmissionGate()
    {
        for (int i = 0; i < Requests; i++)
        {
            _gateLeases.Enqueue(_gate.AcquireAsync(NextRequest()).AsTask());
            (await _gateLeases.Dequeue()).Dispose();
        }
    }

    private InferenceRequest NextRequest() => new() { PromptTokens = 16 + 31 * (_prompt++ & 1_023) % 385, MaxOutputTokens = 256 };
}
