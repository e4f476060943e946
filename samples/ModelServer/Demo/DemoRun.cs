using LlmScheduling;
using LlmScheduling.Simulation;

/// <summary>What one stack made of the demo's load.</summary>
/// <param name="Stack">Its name.</param>
/// <param name="Seen">What the clients saw.</param>
/// <param name="Served">What the scheduler noted.</param>
/// <param name="Simulated">What the simulator makes of the same arrivals.</param>
/// <param name="OnThePage">Share of kept objectives, as the live page shows it.</param>
/// <param name="InMetrics">The same, as /metrics counts it.</param>
internal sealed record DemoRun(string Stack, SeenRequest[] Seen, EndedRequest[] Served, ReplayReport Simulated, double OnThePage, double InMetrics)
{
    /// <summary>Share of the requests that kept what they were promised; of one class, or of all.</summary>
    public double Attainment(string? trafficClass = null) =>
        Served.Where(request => trafficClass is null || request.Request.TrafficClass == trafficClass).Average(request => request.MetObjective == true ? 1.0 : 0);

    /// <summary>Longest time from arrival to a seat.</summary>
    public double LongestWait => Served.Max(request => ((request.AdmittedAt == TimeSpan.MaxValue ? request.EndedAt : request.AdmittedAt) - request.ArrivedAt).TotalSeconds);

    /// <summary>A quantile of what the clients measured.</summary>
    public double Quantile(Func<SeenRequest, double> measure, double share)
    {
        double[] sorted = [.. Seen.Where(seen => seen.IsWhole).Select(measure).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Ceiling((sorted.Length - 1) * share)];
    }

    /// <summary>The mean of what the clients measured.</summary>
    public double Mean(Func<SeenRequest, double> measure) => Seen.Where(seen => seen.IsWhole).Select(measure).DefaultIfEmpty(double.NaN).Average();
}
