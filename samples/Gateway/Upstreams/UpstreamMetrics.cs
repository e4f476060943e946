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
        _meter.CreateObservableGauge("gateway.upstream.up", () => OfEach(fleet, upstream => upstream.IsUp ? 1 : 0), null, "Whether it gets requests.");
        _meter.CreateObservableUpDownCounter("gateway.upstream.running", () => OfEach(fleet, upstream => upstream.Running), "{request}", "Requests that it is working on.");
    }

    public void Answered(Upstream upstream, string result) =>
        _answers.Add(1, new KeyValuePair<string, object?>("upstream", upstream.Name), new KeyValuePair<string, object?>("result", result));

    public void Retried() => _retries.Add(1);

    private static IEnumerable<Measurement<long>> OfEach(UpstreamFleet fleet, Func<Upstream, long> value) =>
        fleet.All.Select(upstream => new Measurement<long>(value(upstream), new KeyValuePair<string, object?>("upstream", upstream.Name)));

    public void Dispose() => _meter.Dispose();
}
