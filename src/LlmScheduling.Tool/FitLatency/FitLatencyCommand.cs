using System.CommandLine;
using System.Text;

namespace LlmScheduling.Tool;

/// <summary><c>llmsched fit-latency</c>: finds a latency model in measurements or in a server's log.</summary>
internal sealed class FitLatencyCommand : Command
{
    private readonly FitLatencyOptions _options = new();
    private readonly ToolHost _host;

    /// <summary>Creates the command.</summary>
    public FitLatencyCommand(ToolHost host)
        : base("fit-latency", "Fit a model of how long an engine's steps take, to measured prefill and token times or to a server's request log, and say how well it predicts what it was not fitted to. For example: llmsched fit-latency --profile measured.csv --gpu h100 --out model.json")
    {
        _host = host;
        foreach (Option option in _options.All)
            Add(option);
        SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool asJson = parsed.GetValue(_options.Json), isLog = CheckCombination(parsed);
        string target = parsed.GetValue(_options.Out)!;
        using var files = new OutputFiles();
        if (target != ToolHost.Standard)
            files.PrepareFile("--out", _host.Locate(target));

        FitReport report = isLog ? LogReport.From(parsed, _options, _host, cancellationToken) : ProfileReport.From(parsed, _options, _host);
        byte[] json = JsonText.Bytes(report.WriteJson);
        cancellationToken.ThrowIfCancellationRequested();
        if (target != ToolHost.Standard)
            files.Write("--out", _host.Locate(target), stream => stream.Write(json));
        files.Commit();

        if (asJson || target == ToolHost.Standard)
            _host.Output.Write(Encoding.UTF8.GetString(json));
        else
            FitTable.Write(_host, report);
        foreach (string warning in report.Warnings)
            _host.Error.WriteLine($"llmsched: warning: {warning}");
        return ExitCode.Done;
    }

    /// <summary>Refuses options that do not go together; whether a log is to be fitted.</summary>
    private bool CheckCombination(ParseResult parsed)
    {
        bool isLog = IsGiven(_options.Log);
        Require(isLog != IsGiven(_options.Profile), isLog ? "both --profile and --log" : "neither --profile nor --log", "one of them");
        Require(IsGiven(_options.Out), "no --out", "a file for the model");
        if (isLog)
            Require(IsGiven(_options.Engine), "--log without --engine", "the limits of the engine that wrote the log");
        Option[] others = isLog ? [_options.TensorParallel, _options.Form, _options.Evaluate] : [_options.Engine, _options.Calibrate];
        foreach (Option other in others)
            Require(!IsGiven(other), $"{other.Name} with {(isLog ? "--log" : "--profile")}", $"it with {(isLog ? "--profile" : "--log")} only");
        return isLog;

        bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };
    }

    private static void Require(bool holds, string found, string allowed)
    {
        if (!holds)
            throw new InputException("fit-latency", null, null, found, allowed);
    }
}
