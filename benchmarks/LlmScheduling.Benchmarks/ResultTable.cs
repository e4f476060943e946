using System.Diagnostics;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;

namespace LlmScheduling.Benchmarks;

/// <summary>Writes a benchmark's table to a file that says where, from what and how it was made.</summary>
internal sealed class ResultTable(string folder, bool byThreadTime, string[] arguments) : IExporter
{
    public string Name => nameof(ResultTable);

    public void ExportToLog(Summary summary, ILogger logger) => MarkdownExporter.GitHub.ExportToLog(summary, logger);

    public IEnumerable<string> ExportToFiles(Summary summary, ILogger consoleLogger)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in summary.BenchmarksCases.Select(benchmark => benchmark.Descriptor.Type.Name).Distinct())
        {
            string path = Path.Combine(folder, name + ".md");
            File.WriteAllText(path, Header(name, summary) + Table(summary));
            yield return path;
        }
    }

    private string Header(string name, Summary summary)
    {
        string load = File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "not known";
        return $"""
            # {name}

            - Machine: {summary.HostEnvironmentInfo.CpuInfo.Value?.ProcessorName?.Trim() ?? "not known"}, {Environment.ProcessorCount} logical cores, {summary.HostEnvironmentInfo.OsVersion.Value}, .NET {Environment.Version}
            - Load average over 1, 5 and 15 minutes at the end of the run: {load}
            - Commit: {Git("rev-parse --short HEAD")}{(Git("status --porcelain -- src benchmarks/LlmScheduling.Benchmarks").Length > 0 ? ", with changes" : "")}, {Git("show -s --format=%cs HEAD")}
            - Command: `dotnet run -c Release --project benchmarks/LlmScheduling.Benchmarks -- {string.Join(' ', arguments.Select(argument => argument.Contains('*') ? $"'{argument}'" : argument))}`
            - Time: {(byThreadTime ? "what the benchmark's thread spent on a processor, so other work on the machine shows only through shared caches" : "what passed, so other work on the machine shows")}

            """ + "\n";
    }

    private static string Table(Summary summary)
    {
        var lines = new AccumulationLogger();
        MarkdownExporter.GitHub.ExportToLog(summary, lines);
        return string.Concat(lines.GetLog().Split('\n').Where(line => line.StartsWith('|')).Select(line => line.TrimEnd() + "\n"));
    }

    private static string Git(string command)
    {
        using Process git = Process.Start(new ProcessStartInfo("git", command) { RedirectStandardOutput = true })!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return output.Trim();
    }
}
