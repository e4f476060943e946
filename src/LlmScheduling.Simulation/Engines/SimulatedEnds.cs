namespace LlmScheduling.Simulation;

/// <summary>Writes down how requests end, and lets go of whoever was bound at arrival.</summary>
internal sealed class SimulatedEnds : ISchedulingObserver
{
    /// <summary>Requests that ended after they had entered a queue.</summary>
    public int Count { get; private set; }

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request)
    {
        Count++;
        var simulated = (SimulatedRequest)request.Request.State!;
        simulated.Ended = request;
        if (request.Outcome == RequestOutcome.Completed)
            simulated.Lease?.Complete(request.Finish);
        else
            simulated.Lease?.Dispose();
    }
}
