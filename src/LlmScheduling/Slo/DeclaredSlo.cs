namespace LlmScheduling;

/// <summary>Promises what the request itself asks for; nothing when it asks for nothing.</summary>
public sealed class DeclaredSlo : ISloModel
{
    /// <inheritdoc/>
    public SloTargets TargetsFor(InferenceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Objective is { } objective
            ? new(objective.TimeToFirstToken ?? TimeSpan.MaxValue, objective.TimePerOutputToken ?? TimeSpan.MaxValue, objective.EndToEnd ?? TimeSpan.MaxValue)
            : SloTargets.BestEffort;
    }
}
