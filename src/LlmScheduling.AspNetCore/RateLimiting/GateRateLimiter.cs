using System.Threading.RateLimiting;

namespace LlmScheduling.AspNetCore;

/// <summary>A gate's seats as permits, each for the same kind of request.</summary>
internal sealed class GateRateLimiter(AdmissionGate gate, Func<InferenceRequest> describe) : RateLimiter
{
    private readonly GatePermits _permits = new(gate);

    /// <summary>Never idle: a gate is nobody's to throw away.</summary>
    public override TimeSpan? IdleDuration => null;

    public override RateLimiterStatistics GetStatistics() => _permits.Statistics;

    protected override RateLimitLease AttemptAcquireCore(int permitCount) => _permits.Attempt(permitCount, describe);

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        _permits.AcquireAsync(permitCount, describe, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _permits.Dispose();
    }

    /// <summary>The class above says false to <see cref="Dispose(bool)"/> when it is disposed asynchronously.</summary>
    protected override ValueTask DisposeAsyncCore()
    {
        _permits.Dispose();
        return ValueTask.CompletedTask;
    }
}
