using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>The latency model that a scheduler plans by: the one it was given, or what it has learnt from completed steps. Not thread-safe.</summary>
internal sealed class LatencyInForce(ILatencyModel? given, ILogger logger)
{
    private readonly ILatencyModel? _guarded = given is null ? null : new GuardedLatency(given, logger);
    private readonly RecursiveLatencyFit? _learning = given is null ? new RecursiveLatencyFit() : null;

    /// <summary>Null while nothing is known.</summary>
    public ILatencyModel? Model => given ?? _learning!.Model;

    /// <summary>The same for the scheduler's own use: it never throws.</summary>
    public ILatencyModel? Guarded => _guarded ?? _learning!.Model;

    /// <summary>Counts a completed step in; the next plan uses what it taught.</summary>
    public void Observe(in BatchShape shape, TimeSpan duration) => _learning?.Observe(shape, duration);
}
