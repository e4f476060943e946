namespace LlmScheduling.Simulation;

/// <summary>What a replay did.</summary>
/// <param name="Records">One per request, in the workload's order.</param>
/// <param name="Samples">Queue and batch over time.</param>
/// <param name="Steps">Steps that were run.</param>
/// <param name="RequestSteps">Requests that got tokens, summed over the steps.</param>
/// <param name="SimulatedTime">When the last request ended.</param>
/// <param name="WallTime">How long the replay took; the only figure that differs from run to run.</param>
/// <param name="PolicyFaults">Steps in which the policy failed, arrivals for which the assignment did, and plans of the queue for which the annealer did.</param>
public sealed record ReplayResult(
    IReadOnlyList<RequestRecord> Records,
    IReadOnlyList<QueueSample> Samples,
    long Steps,
    long RequestSteps,
    TimeSpan SimulatedTime,
    TimeSpan WallTime,
    long PolicyFaults);
