namespace LlmScheduling;

/// <summary>
/// The most that a client may ask for. Whoever asks for more is taken to ask for just that, so a client can only ask for less;
/// unless something is allowed here, it is not.
/// </summary>
public sealed record ClientLimits
{
    /// <summary>The most urgent <see cref="InferenceRequest.Priority"/>, the smallest value; smaller ones are raised to it. Default: 0, what a request has that asks for nothing.</summary>
    public int MostUrgentPriority { get; init; }

    /// <summary>The shortest times that may be asked for, each bounded by itself; shorter ones are raised to it, and a time that is absent here may not be asked for at all. Default: none may.</summary>
    public ServiceLevelObjective ShortestTimes { get; init; } = new();

    /// <summary>The longest <see cref="InferenceRequest.QueueTimeout"/>, also for a request that asks for none; null: no limit. Default: null.</summary>
    public TimeSpan? LongestQueueTimeout { get; init; }

    /// <summary>Returns <paramref name="request"/> within the limits: itself when it is.</summary>
    public InferenceRequest Bound(InferenceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        int priority = Math.Max(request.Priority, MostUrgentPriority);
        ServiceLevelObjective? objective = Bound(request.Objective);
        TimeSpan? queueTimeout = LongestQueueTimeout is { } longest && !(request.QueueTimeout < longest) ? longest : request.QueueTimeout;
        return priority == request.Priority && objective == request.Objective && queueTimeout == request.QueueTimeout
            ? request
            : request.Asking(priority, objective, queueTimeout);
    }

    private ServiceLevelObjective? Bound(ServiceLevelObjective? asked)
    {
        if (asked is null)
            return null;
        var bounded = new ServiceLevelObjective
        {
            TimeToFirstToken = Longer(asked.TimeToFirstToken, ShortestTimes.TimeToFirstToken),
            TimePerOutputToken = Longer(asked.TimePerOutputToken, ShortestTimes.TimePerOutputToken),
            EndToEnd = Longer(asked.EndToEnd, ShortestTimes.EndToEnd),
        };
        return SloTargets.Of(bounded).HasObjective ? bounded : null;
    }

    private static TimeSpan? Longer(TimeSpan? asked, TimeSpan? shortest) =>
        asked is null || shortest is null ? null : asked > shortest ? asked : shortest;
}
