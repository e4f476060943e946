using System.CommandLine;
using System.Text;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary><c>llmsched simulate</c>: replays a workload under one policy after another.</summary>
internal sealed class SimulateCommand : Command
{
    private readonly SimulateOptions _options = new();
    private readonly ToolHost _host;

    /// <summary>Creates the command.</summary>
    public SimulateCommand(ToolHost host)
        : base("simulate", "Replay recorded or generated requests through the scheduler, in virtual time, under one policy after another, and compare what each does to latencies. For example: llmsched simulate --workload bursty:4:4:2000 --engine engine.json --policy fcfs --policy shortest-prompt-first")
    {
        _host = host;
        foreach (Option option in _options.All)
            Add(option);
        SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool asJson = parsed.GetValue(_options.Json);
        string? folder = parsed.GetValue(_options.Out), report = parsed.GetValue(_options.Report);
        if (folder is "" or ToolHost.Standard)
            throw new InputException("--out", null, null, $"'{folder}'", "a folder");
        if (asJson && report == ToolHost.Standard)
            throw new InputException("simulate", null, null, "--json and --report - together", "one of them on standard output");
        SimulationPlan plan = SimulationPlan.From(parsed, _options, _host);
        using var files = new OutputFiles();
        if (folder is not null)
            files.Prepare("--out", _host.Locate(folder));
        if (report is not null and not ToolHost.Standard)
            files.PrepareFile("--report", _host.Locate(report));

        PolicyComparison comparison = PolicyComparison.Of(plan, parsed.GetValue(_options.Load), parsed.GetValue(_options.Rate), _host, cancellationToken);
        byte[] summary = JsonText.Bytes(json => SummaryJson.Write(json, comparison));
        if (folder is not null)
            WriteFolder(files, _host.Locate(folder), comparison, summary);
        string page = report is null ? "" : HtmlReport.Write(comparison.Title, comparison.Facts, comparison.Runs);
        if (report is not null and not ToolHost.Standard)
            files.Write("--report", _host.Locate(report), stream => stream.Write(Encoding.UTF8.GetBytes(page)));
        cancellationToken.ThrowIfCancellationRequested();
        files.Commit();

        if (asJson)
            _host.Output.Write(Encoding.UTF8.GetString(summary));
        else if (report == ToolHost.Standard)
            _host.Output.Write(page);
        else
            SummaryTable.Write(_host, comparison);
        foreach (PolicyRun run in comparison.Runs.Where(run => run.Result.PolicyFaults > 0))
            _host.Error.WriteLine($"llmsched: warning: {run.Name} failed in {run.Result.PolicyFaults} steps, which were first come, first served.");
        return ExitCode.Done;
    }

    private static void WriteFolder(OutputFiles files, string folder, PolicyComparison comparison, byte[] summary)
    {
        foreach (PolicyRun run in comparison.Runs)
            files.Write("--out", Path.Combine(folder, FileName(run.Name) + ".requests.csv"), stream => RequestsCsv.Write(stream, run, comparison.Plan.Slo));
        files.Write("--out", Path.Combine(folder, "summary.json"), stream => stream.Write(summary));
    }

    private static string FileName(string policy) => string.Join('_', policy.Split(Path.GetInvalidFileNameChars()));
}
