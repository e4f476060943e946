using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace LlmScheduling.Benchmarks;

/// <summary>How everything here is measured: in this process, with allocations, few short iterations.</summary>
internal static class MeasurementConfig
{
    /// <param name="folder">Where tables are written; null for the console only.</param>
    /// <param name="byThreadTime">Counts a thread's time on a processor instead of time that passes.</param>
    /// <param name="arguments">The command line, for the tables' headers.</param>
    public static IConfig Create(string? folder, bool byThreadTime, string[] arguments)
    {
        Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(4).WithIterationCount(15).WithMinIterationTime(TimeInterval.FromMilliseconds(10)).WithId("short");
        if (byThreadTime)
            job = job.WithClock(new ThreadTimeClock());
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddColumn(StatisticColumn.Median)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(ConsoleLogger.Default)
            .HideColumns("Job", "Error", "RatioSD", "Gen0", "Gen1", "Gen2", "Alloc Ratio", "InvocationCount", "UnrollFactor", "Toolchain", "IterationCount", "WarmupCount", "MinIterationTime", "Clock", "RunStrategy", "LaunchCount")
            .WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared, MethodOrderPolicy.Declared))
            .WithSummaryStyle(SummaryStyle.Default.WithTimeUnit(TimeUnit.Microsecond));
        return folder is null ? config.AddExporter(MarkdownExporter.Console) : config.AddExporter(new ResultTable(folder, byThreadTime, arguments));
    }
}
