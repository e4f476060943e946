namespace LlmScheduling.Simulation;

/// <summary>Serves a workload in virtual time, through the very <see cref="BatchScheduler"/> that a server would use.</summary>
public static class Replay
{
    /// <summary>Runs to the end: every request of the workload ends in exactly one outcome.</summary>
    /// <exception cref="ArgumentException"><see cref="ReplayOptions.Instances"/> is out of range, or several instances of several ranks draw from one queue, or a ranker learns from several queues.</exception>
    /// <exception cref="ReplayStalledException">Requests remain that the policy never lets run.</exception>
    public static ReplayResult Run(Workload workload, EngineSettings engine, SchedulingStack stack, ReplayOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(stack);
        options ??= new ReplayOptions();
        if (options.Instances is < 1 or > ReplayOptions.MostInstances)
            throw new ArgumentOutOfRangeException(nameof(options), options.Instances, $"ReplayOptions.Instances must be 1 to {ReplayOptions.MostInstances}.");
        if (options is { Instances: > 1, Assignment: null } && engine.DataParallelRanks > 1)
            throw new ArgumentException("Instances that draw from one queue have one rank each; give an assignment, or 1 as EngineSettings.DataParallelRanks.", nameof(options));
        if (options.Lengths.Learner is not null && (engine.DataParallelRanks > 1 || (options.Instances > 1 && options.Assignment is not null)))
            throw new ArgumentException("A ranker that learns in the replay needs one queue; give no assignment, and 1 as EngineSettings.DataParallelRanks.", nameof(options));
        using var run = new ReplayRun(workload, engine, stack, options);
        return run.ToEnd(cancellationToken);
    }
}
