namespace LlmScheduling;

/// <summary>
/// Promises what another model does, but never a shorter time than the server's limits: a client that declares its own
/// objective can only ask for less.
/// </summary>
/// <remarks>Each of the three times is bounded by itself. What the other model does not promise stays unpromised.</remarks>
public sealed class BoundedSlo : ISloModel
{
    private readonly ISloModel _inner;
    private readonly SloTargets _shortest;

    /// <summary>Bounds <paramref name="inner"/>.</summary>
    /// <param name="inner">What is promised within the limits.</param>
    /// <param name="shortest">The shortest times that are ever promised; a time that is absent is not limited.</param>
    public BoundedSlo(ISloModel inner, ServiceLevelObjective shortest)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(shortest);
        _inner = inner;
        _shortest = new(
            shortest.TimeToFirstToken ?? TimeSpan.MinValue,
            shortest.TimePerOutputToken ?? TimeSpan.MinValue,
            shortest.EndToEnd ?? TimeSpan.MinValue);
    }

    /// <inheritdoc/>
    public SloTargets TargetsFor(InferenceRequest request)
    {
        SloTargets asked = _inner.TargetsFor(request);
        return new(
            Longer(asked.TimeToFirstToken, _shortest.TimeToFirstToken),
            Longer(asked.TimePerOutputToken, _shortest.TimePerOutputToken),
            Longer(asked.EndToEnd, _shortest.EndToEnd));
    }

    private static TimeSpan Longer(TimeSpan asked, TimeSpan shortest) => asked > shortest ? asked : shortest;
}
