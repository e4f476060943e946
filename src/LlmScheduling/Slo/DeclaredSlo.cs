namespace LlmScheduling;

/// <summary>Promises what the request itself asks for; nothing when it asks for nothing.</summary>
public sealed class DeclaredSlo : ISloModel
{
    /// <inheritdoc/>
    public SloTargets TargetsFor(InferenceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return SloTargets.Of(request.Objective);
    }
}
