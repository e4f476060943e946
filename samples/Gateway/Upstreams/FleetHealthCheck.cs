using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway;

/// <summary>Unhealthy while no upstream is up, degraded while one is not.</summary>
internal sealed class FleetHealthCheck(UpstreamFleet fleet) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        int up = fleet.All.Count(upstream => upstream.IsUp);
        string description = $"{up} of {fleet.All.Length} upstreams are up.";
        return Task.FromResult(up == fleet.All.Length ? HealthCheckResult.Healthy(description) : up > 0 ? HealthCheckResult.Degraded(description) : HealthCheckResult.Unhealthy(description));
    }
}
