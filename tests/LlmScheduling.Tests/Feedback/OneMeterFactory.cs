using System.Diagnostics.Metrics;

namespace LlmScheduling.Tests;

/// <summary>Hands out meters of its own scope, so that a test hears its own scheduler only.</summary>
internal sealed class OneMeterFactory : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public Measurements Listen() => new(instrument => ReferenceEquals(instrument.Meter.Scope, this));

    public void Dispose() => _meters.ForEach(meter => meter.Dispose());
}
