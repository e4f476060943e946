namespace LlmScheduling;

/// <summary>How full an <see cref="AdmissionGate"/> is, as of its newest decision; each count is exact for itself, not together with the others.</summary>
/// <param name="FreeSeats">Free seats of the available instances.</param>
/// <param name="QueuedRequests">Requests that wait.</param>
/// <param name="QueuedTokens">Their prompt tokens.</param>
/// <param name="MaxQueuedRequests">Most requests that may wait.</param>
/// <param name="MaxQueuedTokens">Most prompt tokens that may wait.</param>
/// <param name="IsAccepting">False once the gate was told to stop.</param>
public readonly record struct AdmissionStatistics(
    int FreeSeats,
    int QueuedRequests,
    long QueuedTokens,
    int MaxQueuedRequests,
    long MaxQueuedTokens,
    bool IsAccepting);
