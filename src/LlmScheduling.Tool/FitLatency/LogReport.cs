using System.CommandLine;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Calibrates an engine to a server's log.</summary>
internal static class LogReport
{
    private const double DefaultShare = 0.5;

    /// <summary>Reads, calibrates and tests what <paramref name="parsed"/> names.</summary>
    /// <exception cref="InputException">A file cannot be read, does not hold one server, or the engine could not have served its log.</exception>
    public static FitReport From(ParseResult parsed, FitLatencyOptions options, ToolHost host, CancellationToken cancellationToken)
    {
        string path = host.Locate(parsed.GetValue(options.Log)!), enginePath = host.Locate(parsed.GetValue(options.Engine)!);
        RequestLog all = RequestLog.Read(path, host.OpenInput), log = all.Of(parsed.GetValue(options.Gpu), parsed.GetValue(options.Model));
        if (log.Engines.Count != 1)
        {
            throw new InputException(path, null, null,
                log.Count == 0 ? "no row of the given gpu and model" : $"the logs of {log.Engines.Count} servers", $"one, chosen by --gpu and --model: {string.Join(", ", all.Engines)}");
        }

        EngineSettings engine = EngineFile.Read(enginePath, StepCost.Fixed(TimeSpan.FromTicks(1)), host.OpenInput);
        double share = parsed.GetValue(options.Calibrate) ?? DefaultShare;
        if (Math.Round(share * log.Count) is var calibrating && (calibrating < 1 || calibrating >= log.Count))
            throw new InputException(path, null, null, $"{log.Count} requests", "enough for both parts of --calibrate");

        LogFit fit;
        try
        {
            fit = LogFit.Of(log, engine, share, cancellationToken);
        }
        catch (InvalidOperationException refusal)
        {
            throw new InputException(enginePath, null, null, $"limits that cannot have served the log ({refusal.Message.TrimEnd('.')})", "those of the engine that wrote it");
        }

        return new FitReport
        {
            Engines = [new FittedEngine(log.Engines[0], new LatencyModelFile(fit.Model) { Fit = fit.Calibration.ToFigures() })],
            Fit = fit.Calibration.ToFigures(),
            Held = fit.Test.ToFigures(),
            HeldName = "test",
        };
    }
}
