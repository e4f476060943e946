using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

/// <summary>Sends the metrics and spans of all schedulers in this process to an OTLP collector, over HTTP.</summary>
/// <remarks>ASP.NET Core's spans go with them: a span whose parent is not recorded is not recorded either.</remarks>
internal sealed class OtlpExport : IDisposable
{
    private readonly MeterProvider _metrics;
    private readonly TracerProvider _spans;

    /// <param name="collector">Where it listens, such as <c>http://localhost:4318</c>.</param>
    public OtlpExport(Uri collector)
    {
        _metrics = Sdk.CreateMeterProviderBuilder().AddMeter("LlmScheduling").AddOtlpExporter(options => Set(options, new Uri(collector, "v1/metrics"))).Build();
        _spans = Sdk.CreateTracerProviderBuilder().AddSource("LlmScheduling", "Microsoft.AspNetCore").AddOtlpExporter(options => Set(options, new Uri(collector, "v1/traces"))).Build();
    }

    /// <summary>Sends what is left.</summary>
    public void Dispose()
    {
        _metrics.Dispose();
        _spans.Dispose();
    }

    private static void Set(OtlpExporterOptions options, Uri endpoint) => (options.Protocol, options.Endpoint) = (OtlpExportProtocol.HttpProtobuf, endpoint);
}
