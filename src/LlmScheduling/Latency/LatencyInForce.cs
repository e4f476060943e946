namespace LlmScheduling;

/// <summary>The latency model that a scheduler plans by: the one it was given, or what it has learnt from completed steps. Not thread-safe.</summary>
internal sealed class LatencyInForce(ILatencyModel? given)
{
    private readonly RecursiveLatencyFit? _learning = given is null ? new RecursiveLatencyFit() : null;

    /// <summary>Null while nothing is known.</summary>
    public ILatencyModel? Model => given ?? _learning!.Model;

    /// <summary>Counts a completed step in; the next plan uses what it taught.</summary>
    public void Observe(in BatchShape shape, TimeSpan duration) => _learning?.Observe(shape, duration);
}
