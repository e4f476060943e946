using System.Diagnostics.Metrics;

namespace Gateway;

/// <summary>What is counted of the upstreams, by their addresses.</summary>
internal sealed class UpstreamMetrics : IDisposable
{
    private const string MeterName = "Gateway";

    private readonly Meter _meter;
    private readonly Counter<long> _answers;
    private readonly Counter<long> _retries;

    public UpstreamMetrics(IMeterFactory meters, UpstreamFleet fleet)
    {
        _meter = meters.Create(MeterName);
        _answers = _meter.CreateCounter<long>("gateway.upstream.answers", "{answer}", "Requests that were forwarded, by how that went.");
        _retries = _meter.CreateCounter<long>("gateway.retries", "{request}", "Requests that were forwarded a second time.");
        _meter.CreateObservableGauge(
            "gateway.upstream.up", () => fleet.All.Select(upstream => new Measurement<long>(upstream.IsUp ? 1 : 0, new KeyValuePair<string, object?>("upstream", upstream.Name))), null, "Whether it gets requests.");
    }

    public void Answered(Upstream upstream, string result) =>
        _answers.Add(1, new KeyValuePair<string, object?>("upstream", upstream.Name), new KeyValuePair<string, object?>("result", result));

    public void Retried() => _retries.Add(1);

    public void Dispose() => _meter.Dispose();
}
