using System.Globalization;

namespace LlmScheduling.Tool;

/// <summary>One column of the summary that people read, on the terminal and in the report.</summary>
/// <param name="Heading">What it shows.</param>
/// <param name="Cell">Its text for one policy.</param>
internal sealed record SummaryColumn(string Heading, Func<PolicyRun, string> Cell)
{
    /// <summary>The columns worth showing for <paramref name="runs"/>.</summary>
    public static IReadOnlyList<SummaryColumn> For(IReadOnlyList<PolicyRun> runs)
    {
        List<SummaryColumn> columns = [new("done", run => Count(run.Figures.Completed))];
        if (runs.Any(run => run.Figures.Completed < run.Result.Records.Count))
            columns.Add(new("unserved", run => Count(run.Result.Records.Count - run.Figures.Completed)));
        if (runs.Any(run => run.Figures.SloAttainment is not null))
            columns.Add(new("SLO met", run => run.Figures.SloAttainment?.ToString("0.0 %", CultureInfo.InvariantCulture) ?? "-"));
        columns.AddRange(
        [
            new("e2e mean", run => DurationText.Seconds(run.Figures.EndToEnd.Mean)),
            new("e2e p50", run => DurationText.Seconds(run.Figures.EndToEnd.P50)),
            new("e2e p90", run => DurationText.Seconds(run.Figures.EndToEnd.P90)),
            new("e2e p99", run => DurationText.Seconds(run.Figures.EndToEnd.P99)),
            new("TTFT p50", run => DurationText.Seconds(run.Figures.TimeToFirstToken.P50)),
            new("TTFT p99", run => DurationText.Seconds(run.Figures.TimeToFirstToken.P99)),
            new("s/token", run => DurationText.Seconds(run.Figures.NormalizedLatency.Mean)),
            new("max wait", run => DurationText.Seconds(run.Figures.MaxWait)),
            new("preempt", run => Count(run.Figures.Preemptions)),
            new("wall", run => run.Result.WallTime.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)),
        ]);
        return columns;
    }

    private static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
