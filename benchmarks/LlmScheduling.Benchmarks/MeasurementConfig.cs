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
    public static IConfig Create(string? folder, string[] arguments)
    {
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(4).WithIterationCount(15).WithMinIterationTime(TimeInterval.FromMilliseconds(10)).WithId("short"))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddColumn(StatisticColumn.Median)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(ConsoleLogger.Default)
            .HideColumns("Job", "Error", "RatioSD", "Gen0", "Gen1", "Gen2", "Alloc Ratio", "InvocationCount", "UnrollFactor", "Toolchain", "IterationCount", "WarmupCount", "MinIterationTime", "RunStrategy", "LaunchCount")
            .WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared, MethodOrderPolicy.Declared))
            .WithSummaryStyle(SummaryStyle.Default.WithTimeUnit(TimeUnit.Microsecond));
        return folder is null ? config.AddExporter(MarkdownExporter.Console) : config.AddExporter(new ResultTable(folder, arguments));
    }
}
