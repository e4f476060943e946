namespace LlmScheduling.Simulation;

/// <summary>Serves a workload in virtual time, through the very <see cref="BatchScheduler"/> that a server would use.</summary>
public static class Replay
{
    /// <summary>Runs to the end: every request of the workload ends in exactly one outcome.</summary>
    /// <exception cref="ReplayStalledException">Requests remain that the policy never lets run.</exception>
    public static ReplayResult Run(Workload workload, EngineSettings engine, SchedulingStack stack, ReplayOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(stack);
        using var run = new ReplayRun(workload, engine, stack, options ?? new ReplayOptions());
        return run.ToEnd(cancellationToken);
    }
}
