namespace LlmScheduling.Simulation;

/// <summary>A latency model found from a server's request log alone, and how well it repeats the log.</summary>
/// <param name="Model">The model; trust it where it was <see cref="IFittedLatencyModel.Observed"/>, its coefficients are no physics.</param>
/// <param name="Calibration">On the requests whose latencies were used.</param>
/// <param name="Test">On the others, of which arrivals and lengths alone were used.</param>
public sealed record LogFit(IFittedLatencyModel Model, LogAccuracy Calibration, LogAccuracy Test)
{
    private const int Rounds = 12;

    /// <summary>
    /// Finds the linear model under which a simulated first-come-first-served engine repeats the log: simulate, add up what ran
    /// during each request's wait and decode, fit these sums to the logged times, and again. Deterministic.
    /// </summary>
    /// <param name="log">One server's log.</param>
    /// <param name="engine">The server's limits; its step cost is not used.</param>
    /// <param name="calibrationShare">Share of the requests, the earliest, whose latencies are used; above 0 and below 1.</param>
    /// <param name="cancellationToken">Stops it between and during rounds.</param>
    /// <exception cref="ArgumentException">The log holds no or several servers, or too few requests to split.</exception>
    /// <exception cref="InvalidOperationException">The engine refuses a request that the log says was served.</exception>
    public static LogFit Of(RequestLog log, EngineSettings engine, double calibrationShare = 0.5, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(engine);
        if (!(calibrationShare is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(calibrationShare), calibrationShare, "The share must be above 0 and below 1.");
        if (log.Engines.Count != 1)
            throw new ArgumentException($"The log holds {log.Engines.Count} servers; calibrate one at a time.", nameof(log));
        int calibrating = (int)Math.Round(calibrationShare * log.Count);
        if (calibrating < 1 || calibrating == log.Count)
            throw new ArgumentException($"The log holds {log.Count} requests, too few to split.", nameof(log));

        IReadOnlyList<LoggedRequest> early = [.. log.Requests.Take(calibrating)], late = [.. log.Requests.Skip(calibrating)];
        var rounds = new CalibrationRound(log, engine, cancellationToken);
        IFittedLatencyModel model = CalibrationRound.FirstGuess(early);
        LogFit? best = null;
        for (int round = 0; round <= Rounds; round++)
        {
            (IReadOnlyList<LoggedRequest> simulated, StepLog steps) = rounds.Simulate(model);
            LogAccuracy calibration = LogAccuracy.Of(early, [.. simulated.Take(calibrating)]);
            if (best is null || calibration.EndToEndMape < best.Calibration.EndToEndMape)
                best = new LogFit(model, calibration, LogAccuracy.Of(late, [.. simulated.Skip(calibrating)]));
            model = CalibrationRound.Refit(early, simulated, steps);
        }

        return best!;
    }
}
