namespace LlmScheduling.Simulation;

/// <summary>A replay in figures. Every figure follows from the requests' times rounded to whole microseconds (halves up), as they stand in result files.</summary>
/// <remarks>
/// Latencies are of completed requests. A request has an objective when its class is promised something; one that was not served has
/// missed it; a deadline of its own is no objective, it only orders. What would divide by zero is null.
/// </remarks>
public sealed class ReplayReport
{
    private ReplayReport(ReplayResult result, SloTable? slo)
    {
        IReadOnlyList<RequestRecord> records = result.Records;
        Outcomes = Enum.GetValues<RequestOutcome>().ToDictionary(outcome => outcome, outcome => records.Count(record => record.Outcome == outcome));
        RequestRecord[] completed = [.. records.Where(record => record.IsCompleted)];
        double[] endToEnd = [.. completed.Select(record => Seconds(record.EndToEnd!.Value))];
        EndToEnd = LatencyFigures.Of([.. endToEnd]);
        TimeToFirstToken = LatencyFigures.Of([.. completed.Select(record => Seconds(record.TimeToFirstToken!.Value))]);
        NormalizedLatency = LatencyFigures.Of([.. completed.Select(record => Seconds(record.EndToEnd!.Value) / record.GeneratedTokens)]);
        MaxWait = records.Count == 0 ? null : records.Max(record => Seconds((record.AdmittedAt ?? record.EndedAt) - record.Request.ArrivedAt));
        Preemptions = records.Sum(record => (long)record.Preemptions);
        SimulatedSeconds = records.Count == 0 ? 0 : Seconds(result.SimulatedTime - records.Min(record => record.Request.ArrivedAt));

        var judged = records.Select(record => (Class: record.Request.TrafficClass, IsMet: slo?.IsMetBy(record))).Where(request => request.IsMet is not null).ToArray();
        SloAttainmentByClass = new SortedDictionary<string, double>(
            judged.GroupBy(request => request.Class).ToDictionary(group => group.Key, group => group.Average(request => request.IsMet == true ? 1.0 : 0)),
            StringComparer.Ordinal);
        if (judged.Length == 0)
            return;
        int met = judged.Count(request => request.IsMet == true);
        SloAttainment = (double)met / judged.Length;
        GoodputPerSecond = SimulatedSeconds > 0 ? met / SimulatedSeconds : null;
        double total = endToEnd.Sum();
        G = total > 0 ? met / total : null;
    }

    /// <summary>Requests by how they ended; every outcome is there, with 0 when nobody ended so.</summary>
    public IReadOnlyDictionary<RequestOutcome, int> Outcomes { get; }

    /// <summary>Requests served to their end.</summary>
    public int Completed => Outcomes[RequestOutcome.Completed];

    /// <summary>Share of the requests with an objective that met it; null when nobody has one.</summary>
    public double? SloAttainment { get; }

    /// <summary>The same for each class that has an objective, by name.</summary>
    public IReadOnlyDictionary<string, double> SloAttainmentByClass { get; }

    /// <summary>Requests that met their objective, per second of <see cref="SimulatedSeconds"/>; null when nobody has an objective.</summary>
    public double? GoodputPerSecond { get; }

    /// <summary>
    /// Requests that met their objective, divided by the sum of the end-to-end latencies of all completed requests in seconds: G of
    /// "SLO-Aware Scheduling for Large Language Model Inferences" (arXiv 2504.14966). Null when nobody has an objective.
    /// </summary>
    public double? G { get; }

    /// <summary>Time from arrival to the last token.</summary>
    public LatencyFigures EndToEnd { get; }

    /// <summary>Time from arrival to the first token.</summary>
    public LatencyFigures TimeToFirstToken { get; }

    /// <summary>Time from arrival to the last token, per output token.</summary>
    public LatencyFigures NormalizedLatency { get; }

    /// <summary>Longest time in seconds from arrival to first admission, or to the end of a request that was never admitted; null without requests.</summary>
    public double? MaxWait { get; }

    /// <summary>How often a request was preempted.</summary>
    public long Preemptions { get; }

    /// <summary>Seconds from the first arrival to the end of the last request.</summary>
    public double SimulatedSeconds { get; }

    /// <summary>Works the figures out.</summary>
    /// <param name="result">What a replay did.</param>
    /// <param name="slo">What classes are promised; null: nobody has an objective.</param>
    public static ReplayReport Of(ReplayResult result, SloTable? slo)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new(result, slo);
    }

    private static double Seconds(TimeSpan time) => SloTable.Microseconds(time) / 1e6;
}
