using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

/// <summary>Listens to the meters of this server and writes them in Prometheus' text form, version 0.0.4.</summary>
internal sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] Meters = ["LlmScheduling", "ModelServer", "Gateway"];
    private static readonly double[] NoBuckets = [];

    private readonly ConcurrentDictionary<Instrument, Series> _series = new();
    private readonly MeterListener _listener = new();

    /// <param name="meters">The factory whose meters count: those of other servers in this process do not.</param>
    public PrometheusText(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Meters.Contains(instrument.Meter.Name) && instrument.Meter.Scope == meters)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All there is now.</summary>
    public string Write()
    {
        foreach (Series series in _series.Values.Where(series => series.Instrument.IsObservable))
            series.Clear();
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (Series series in _series.Values.OrderBy(series => series.Instrument.Name, StringComparer.Ordinal))
        {
            Instrument instrument = series.Instrument;
            string name = NameOf(instrument);
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {(instrument.Description ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\n# TYPE {name} {KindOf(instrument)}\n");
            foreach (Cell cell in series.Cells.OrderBy(cell => cell.Labels, StringComparer.Ordinal))
                cell.Write(text, name);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _series.GetOrAdd(instrument, static made => new Series(made)).Of(tags).Add(value, instrument.IsObservable);

    private static string KindOf(Instrument instrument)
    {
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        return kind == typeof(Histogram<>) ? "histogram"
            : kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? "counter"
            : "gauge";
    }

    /// <summary>Dots become underscores; seconds and totals are named at the end.</summary>
    private static string NameOf(Instrument instrument)
    {
        string name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return KindOf(instrument) == "counter" ? name + "_total" : name;
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach ((string key, object? value) in tags)
        {
            string text = value switch { true => "true", false => "false", _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "" };
            labels.Append(labels.Length == 0 ? "" : ",").Append(key.Replace('.', '_')).Append("=\"")
                .Append(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }

        return labels.ToString();
    }

    /// <summary>The cells of one instrument, a few; looked up without making anything, since it happens in the engine's loop.</summary>
    private sealed class Series(Instrument instrument)
    {
        private volatile Cell[] _cells = [];

        public Instrument Instrument => instrument;

        public IReadOnlyList<Cell> Cells => _cells;

        public Cell Of(ReadOnlySpan<KeyValuePair<string, object?>> tags) => Find(tags) ?? Add(tags);

        public void Clear()
        {
            lock (instrument)
                _cells = [];
        }

        private Cell? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (Cell cell in _cells)
            {
                if (tags.SequenceEqual(cell.Tags))
                    return cell;
            }

            return null;
        }

        private Cell Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (instrument)
            {
                if (Find(tags) is { } known)
                    return known;
                IReadOnlyList<double>? bounds = KindOf(instrument) == "histogram" ? (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? NoBuckets : null;
                var cell = new Cell(tags.ToArray(), PrometheusText.Labels(tags), bounds);
                _cells = [.. _cells, cell];
                return cell;
            }
        }
    }

    /// <summary>One series: a sum, or counts by bucket.</summary>
    private sealed class Cell(KeyValuePair<string, object?>[] tags, string labels, IReadOnlyList<double>? bounds)
    {
        public KeyValuePair<string, object?>[] Tags => tags;

        public string Labels => labels;

        private readonly long[] _counts = new long[(bounds?.Count ?? 0) + 1];
        private double _sum;

        public void Add(double value, bool isWhole)
        {
            lock (_counts)
            {
                _sum = isWhole ? value : _sum + value;
                int bucket = 0;
                while (bucket < _counts.Length - 1 && value > bounds![bucket])
                    bucket++;
                _counts[bucket]++;
            }
        }

        public void Write(StringBuilder text, string name)
        {
            lock (_counts)
            {
                if (bounds is not null)
                {
                    long below = 0;
                    for (int i = 0; i < _counts.Length; i++)
                    {
                        below += _counts[i];
                        string bound = i < bounds.Count ? bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                        text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"}} {below}\n");
                    }

                    text.Append(CultureInfo.InvariantCulture, $"{name}_count{Braced(labels)} {below}\n");
                    name += "_sum";
                }

                text.Append(CultureInfo.InvariantCulture, $"{name}{Braced(labels)} {_sum:R}\n");
            }
        }

        private static string Braced(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";
    }
}
