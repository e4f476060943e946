namespace LlmScheduling.Simulation;

/// <summary>Requests in order of arrival, then of their row: what a replay serves.</summary>
public sealed class Workload
{
    /// <summary>Sorts <paramref name="requests"/> by arrival; equal arrivals keep their order.</summary>
    public Workload(string name, IEnumerable<TraceRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        Name = name;
        Requests = [.. requests.OrderBy(request => request.ArrivedAt)];
    }

    /// <summary>Where it comes from, in reports.</summary>
    public string Name { get; }

    /// <summary>The requests, by arrival.</summary>
    public IReadOnlyList<TraceRequest> Requests { get; }
}
