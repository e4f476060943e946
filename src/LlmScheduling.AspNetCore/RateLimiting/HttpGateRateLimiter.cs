using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace LlmScheduling.AspNetCore;

/// <summary>A gate's seats as permits for HTTP requests; all are in one queue.</summary>
internal sealed class HttpGateRateLimiter(AdmissionGate gate, Func<HttpContext, InferenceRequest> describe) : PartitionedRateLimiter<HttpContext>
{
    private readonly GatePermits _permits = new(gate);

    public override RateLimiterStatistics GetStatistics(HttpContext resource) => _permits.Statistics;

    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) =>
        _permits.Attempt(permitCount, () => describe(resource), lease => Seated(resource, lease));

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken) =>
        _permits.AcquireAsync(permitCount, () => describe(resource), cancellationToken, lease => Seated(resource, lease));

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

    private static Action Seated(HttpContext context, AdmissionLease lease)
    {
        context.Features.Set(lease);
        return () => LeaseEnd.AsAnswered(lease, context);
    }
}
