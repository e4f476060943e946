using System.Diagnostics.Metrics;

namespace LlmScheduling.Tests;

/// <summary>Hears every measurement of one meter.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(Instrument Instrument, double Value, Dictionary<string, object?> Tags)> _all = [];

    public Measurements(Func<Instrument, bool> wanted)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!wanted(instrument))
                return;
            Instruments[instrument.Name] = instrument;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public Dictionary<string, Instrument> Instruments { get; } = [];

    public List<(double Value, Dictionary<string, object?> Tags)> Of(string instrument)
    {
        lock (_all)
            return [.. _all.Where(one => one.Instrument.Name == instrument).Select(one => (one.Value, one.Tags))];
    }

    public IEnumerable<string> TagNames()
    {
        lock (_all)
            return [.. _all.SelectMany(one => one.Tags.Keys).Distinct()];
    }

    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_all)
            _all.Add((instrument, value, tags.ToArray().ToDictionary()));
    }
}
