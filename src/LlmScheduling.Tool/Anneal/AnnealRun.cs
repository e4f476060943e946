using System.Globalization;
using System.Text.Json;

namespace LlmScheduling.Tool;

/// <summary>What <c>llmsched anneal</c> found, and how long that took.</summary>
internal sealed class AnnealRun
{
    // Long enough for the runtime to have compiled what runs often with all its optimisations.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.25);

    private readonly AnnealingSchedule _schedule = new();
    private readonly double[] _elapsedMs;
    private long _allocated;

    private readonly int _scenarios;

    private AnnealRun(long repeats, int scenarios) => (_elapsedMs, _scenarios) = (new double[repeats], scenarios);

    /// <summary>Solves and measures; the schedule is the last one.</summary>
    public static async Task<AnnealRun> MeasureAsync(IScheduleAnnealer annealer, AnnealingProblem problem, long repeats, TimeProvider time, CancellationToken cancellationToken)
    {
        var run = new AnnealRun(repeats, problem.SampledOutputTokens.Length / problem.Jobs.Length);
        await annealer.AnnealAsync(problem, run._schedule, cancellationToken);
        long began = time.GetTimestamp(), allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        await annealer.AnnealAsync(problem, run._schedule, cancellationToken);
        run._allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        while (time.GetElapsedTime(began) < WarmUp)
            await annealer.AnnealAsync(problem, run._schedule, cancellationToken);

        for (long i = 0; i < repeats; i++)
        {
            long start = time.GetTimestamp();
            await annealer.AnnealAsync(problem, run._schedule, cancellationToken);
            run._elapsedMs[i] = time.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(run._elapsedMs);
        return run;
    }

    /// <summary>Writes one object.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("g_per_s", _schedule.MetPerSecond);
        json.WriteNumber("met", _schedule.Met);
        json.WriteNumber("total_latency_s", _schedule.TotalLatencyMilliseconds / 1_000);
        json.WriteStartArray("batches");
        int next = 0;
        foreach (int size in _schedule.BatchSizes)
        {
            json.WriteStartArray();
            foreach (int job in _schedule.Order.Slice(next, size))
                json.WriteNumberValue(job);
            json.WriteEndArray();
            next += size;
        }

        json.WriteEndArray();
        json.WriteBoolean("certified_optimal", _schedule.IsCertifiedOptimal);
        json.WriteNumber("evaluations", _schedule.Evaluations);
        json.WriteStartObject("elapsed_ms");
        json.WriteNumber("min", _elapsedMs[0]);
        json.WriteNumber("median", Quantile(0.5));
        json.WriteNumber("p99", Quantile(0.99));
        json.WriteEndObject();
        json.WriteNumber("allocated_bytes_per_solve", _allocated);
        if (_scenarios > 0)
        {
            json.WriteNumber("scenarios", _scenarios);
            json.WriteNumber("expected_met", _schedule.ExpectedMet);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a table for people, and the batches in a line each.</summary>
    public void WriteTable(ToolHost host)
    {
        ColumnTable.Write(host, ["figure", "value"],
        [
            ["met requests per second of latency", Text(_schedule.MetPerSecond, "G5")],
            ["met requests", $"{(_scenarios > 0 ? Text(_schedule.ExpectedMet, "F1") : _schedule.Met)} of {_schedule.JobCount}{(_scenarios > 0 ? $", the mean over {_scenarios} scenarios" : "")}"],
            ["sum of latencies, s", Text(_schedule.TotalLatencyMilliseconds / 1_000, "F3")],
            ["certified optimal", _schedule.IsCertifiedOptimal ? "yes" : "no"],
            ["evaluations", _schedule.Evaluations.ToString(CultureInfo.InvariantCulture)],
            ["time, ms: least / median / p99", $"{Text(_elapsedMs[0], "F3")} / {Text(Quantile(0.5), "F3")} / {Text(Quantile(0.99), "F3")}"],
            ["allocated bytes per solve", _allocated.ToString(CultureInfo.InvariantCulture)],
        ]);
        int next = 0, batch = 0;
        foreach (int size in _schedule.BatchSizes)
        {
            host.Output.WriteLine($"batch {++batch}: {string.Join(" ", _schedule.Order.Slice(next, size).ToArray())}");
            next += size;
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>The smallest time that this share of the repeats did not exceed.</summary>
    private double Quantile(double share) => _elapsedMs[Math.Max(0, (int)Math.Ceiling(share * _elapsedMs.Length) - 1)];
}
