namespace LlmScheduling.Simulation;

/// <summary>Promises what the request's class is promised; a deadline of the request's own stands in for the class's end-to-end time.</summary>
internal sealed class TraceSlo(SloTable? table) : ISloModel
{
    public SloTargets TargetsFor(InferenceRequest request)
    {
        TimeSpan? deadline = ((SimulatedRequest)request.State!).Trace.Deadline;
        ServiceLevelObjective? objective = table?.For(request.TrafficClass);
        return new SloTargets(
            objective?.TimeToFirstToken ?? TimeSpan.MaxValue,
            objective?.TimePerOutputToken ?? TimeSpan.MaxValue,
            deadline ?? objective?.EndToEnd ?? TimeSpan.MaxValue);
    }
}
