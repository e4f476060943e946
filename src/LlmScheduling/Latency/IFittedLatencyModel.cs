namespace LlmScheduling;

/// <summary>A latency model fitted to measurements, which knows where it was fitted. Immutable.</summary>
public interface IFittedLatencyModel : ILatencyModel
{
    /// <summary>The formula.</summary>
    LatencyForm Form { get; }

    /// <summary>The shapes it was fitted on; a prediction outside of them is a guess.</summary>
    ObservedShapes Observed { get; }
}
