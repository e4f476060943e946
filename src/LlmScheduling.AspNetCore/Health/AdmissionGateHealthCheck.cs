using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmScheduling.AspNetCore;

/// <summary>Judges a gate by its queue, its recent faults, and whether it accepts.</summary>
internal sealed class AdmissionGateHealthCheck(AdmissionGate gate, AdmissionGateHealthOptions options, TimeProvider clock) : IHealthCheck
{
    private readonly Lock _lock = new();
    private long _faults;
    private long? _faultsSeenAt;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        AdmissionStatistics now = gate.GetStatistics();
        double fill = Math.Max(Share(now.QueuedRequests, now.MaxQueuedRequests), Share(now.QueuedTokens, now.MaxQueuedTokens));
        long faults = gate.PolicyFaults + gate.AssignmentFaults + gate.ObserverFaults;
        (HealthStatus status, string description) =
            !now.IsAccepting ? (HealthStatus.Unhealthy, "The gate accepts no more requests.")
            : fill >= options.UnhealthyQueueFill ? (HealthStatus.Unhealthy, FormattableString.Invariant($"The queue is {fill:P0} full."))
            : HasRecent(faults) ? (HealthStatus.Degraded, "The gate's policy, assignment or an observer failed lately.")
            : fill >= options.DegradedQueueFill ? (HealthStatus.Degraded, FormattableString.Invariant($"The queue is {fill:P0} full."))
            : (HealthStatus.Healthy, FormattableString.Invariant($"{now.QueuedRequests} requests wait, {now.FreeSeats} seats are free."));

        return Task.FromResult(new HealthCheckResult(status, description, data: new Dictionary<string, object>
        {
            ["queued_requests"] = now.QueuedRequests,
            ["queued_tokens"] = now.QueuedTokens,
            ["free_seats"] = now.FreeSeats,
            ["faults"] = faults,
        }));
    }

    /// <summary>How much of the bound is used; a queue in which nobody may wait is never full.</summary>
    private static double Share(long used, long bound) => bound == 0 ? 0 : (double)used / bound;

    private bool HasRecent(long faults)
    {
        lock (_lock)
        {
            if (faults > _faults)
                (_faults, _faultsSeenAt) = (faults, clock.GetTimestamp());
            return _faultsSeenAt is { } seen && clock.GetElapsedTime(seen) <= options.FaultMemory;
        }
    }
}
