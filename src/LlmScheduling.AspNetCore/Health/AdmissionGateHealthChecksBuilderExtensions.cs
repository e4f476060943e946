using LlmScheduling;
using LlmScheduling.AspNetCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks of gates.</summary>
public static class AdmissionGateHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check of a gate: unhealthy while it does not accept or its queue is full, degraded while the queue is nearly full
    /// or something failed lately, otherwise healthy. Meant for readiness: a full queue is no reason to restart a server.
    /// </summary>
    /// <param name="builder">Where to add it.</param>
    /// <param name="gate">The name given to <c>AddLlmAdmissionGate</c>; empty for the unnamed one.</param>
    /// <param name="configure">Sets the thresholds. Null: the defaults.</param>
    /// <param name="name">The check's name. Null: <c>llm_scheduling</c>, followed by an underscore and the gate's name if it has one.</param>
    /// <param name="tags">The check's tags.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static IHealthChecksBuilder AddLlmAdmissionGate(
        this IHealthChecksBuilder builder, string gate = "", Action<AdmissionGateHealthOptions>? configure = null, string? name = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(gate);
        var options = new AdmissionGateHealthOptions();
        configure?.Invoke(options);
        options.Check();
        string key = name ?? (gate.Length == 0 ? "llm_scheduling" : $"llm_scheduling_{gate}");
        builder.Services.TryAddKeyedSingleton(key, (services, _) => new AdmissionGateHealthCheck(
            gate.Length == 0 ? services.GetRequiredService<AdmissionGate>() : services.GetRequiredKeyedService<AdmissionGate>(gate),
            options,
            services.GetService<TimeProvider>() ?? TimeProvider.System));
        return builder.Add(new HealthCheckRegistration(key, services => services.GetRequiredKeyedService<AdmissionGateHealthCheck>(key), HealthStatus.Unhealthy, tags));
    }
}
