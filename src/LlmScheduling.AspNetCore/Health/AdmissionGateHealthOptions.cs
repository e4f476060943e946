namespace LlmScheduling.AspNetCore;

/// <summary>When a gate's health check says degraded or unhealthy.</summary>
public sealed class AdmissionGateHealthOptions
{
    /// <summary>Fill of the queue, from 0 to 1, at which the gate is degraded. Default: 0.8.</summary>
    public double DegradedQueueFill { get; set; } = 0.8;

    /// <summary>Fill of the queue, from 0 to 1, at which the gate is unhealthy; above 1 it never is for that. Default: 1.</summary>
    public double UnhealthyQueueFill { get; set; } = 1;

    /// <summary>How long the gate stays degraded after a check that found new faults of its policy, assignment or observers; 0 or more. Default: one minute.</summary>
    public TimeSpan FaultMemory { get; set; } = TimeSpan.FromMinutes(1);

    internal void Check()
    {
        if (!(DegradedQueueFill >= 0))
            throw new ArgumentException(FormattableString.Invariant($"AdmissionGateHealthOptions.DegradedQueueFill is {DegradedQueueFill}; it must be 0 or more."));
        if (!(UnhealthyQueueFill >= 0))
            throw new ArgumentException(FormattableString.Invariant($"AdmissionGateHealthOptions.UnhealthyQueueFill is {UnhealthyQueueFill}; it must be 0 or more."));
        if (FaultMemory < TimeSpan.Zero)
            throw new ArgumentException(FormattableString.Invariant($"AdmissionGateHealthOptions.FaultMemory is {FaultMemory}; it must be 0 or more."));
    }
}
