using System.Collections.Frozen;

namespace LlmScheduling;

/// <summary>Promises what a table says for the request's traffic class, whatever the request asks for.</summary>
/// <remarks>The table is copied. Class names are compared ordinally.</remarks>
public sealed class TrafficClassSlo : ISloModel
{
    private readonly FrozenDictionary<string, SloTargets> _byClass;
    private readonly SloTargets _otherwise;

    /// <summary>Makes the table.</summary>
    /// <param name="byClass">Objectives by <see cref="InferenceRequest.TrafficClass"/>.</param>
    /// <param name="otherwise">For classes that are not in the table. Null: nothing is promised to them.</param>
    public TrafficClassSlo(IEnumerable<KeyValuePair<string, ServiceLevelObjective>> byClass, ServiceLevelObjective? otherwise = null)
    {
        ArgumentNullException.ThrowIfNull(byClass);
        _byClass = byClass.ToFrozenDictionary(row => row.Key, row => SloTargets.Of(row.Value), StringComparer.Ordinal);
        _otherwise = SloTargets.Of(otherwise);
    }

    /// <inheritdoc/>
    public SloTargets TargetsFor(InferenceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _byClass.TryGetValue(request.TrafficClass, out SloTargets targets) ? targets : _otherwise;
    }
}
