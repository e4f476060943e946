using System.Globalization;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Which requests a Gantt view shows, the same for every policy.</summary>
/// <param name="Title">Which those are, for people.</param>
/// <param name="Rows">Their places in the workload.</param>
internal sealed record RequestSelection(string Title, IReadOnlyList<int> Rows)
{
    private const int MostRows = 110;

    /// <summary>All requests where they are few; else an even sample of the run and its busiest stretch.</summary>
    public static IReadOnlyList<RequestSelection> Of(IReadOnlyList<PolicyRun> runs)
    {
        int count = runs[0].Result.Records.Count;
        if (count == 0)
            return [];
        if (count <= MostRows)
            return [new($"All {count} requests", [.. Enumerable.Range(0, count)])];
        int every = (count + MostRows - 1) / MostRows;
        return [BusiestStretch(runs, count), new($"The whole run: every {every}th request", [.. Enumerable.Range(0, count / every).Select(row => row * every)])];
    }

    private static RequestSelection BusiestStretch(IReadOnlyList<PolicyRun> runs, int count)
    {
        QueueSample busiest = runs.SelectMany(run => run.Result.Samples).MaxBy(sample => sample.Waiting);
        int arrived = runs[0].Result.Records.Count(record => record.Request.ArrivedAt <= busiest.At);
        int first = Math.Clamp(arrived - MostRows, 0, count - MostRows);
        return new($"The busiest stretch: {MostRows} requests in a row, the last before the longest queue ({busiest.Waiting.ToString("#,0", CultureInfo.InvariantCulture)} waiting)", [.. Enumerable.Range(first, MostRows)]);
    }
}
