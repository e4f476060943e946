namespace LlmScheduling.Testing;

internal sealed class ServiceIsMonotoneInPriority() : RunLaw("ServiceIsMonotoneInPriority", "Under saturation a more urgent priority is served at least as large a share of its requests as a less urgent one.")
{
    public override RunLoad Load => RunLoad.Saturated;

    public override bool Concerns(PolicyPromises promises) => promises.ServiceIsMonotoneInPriority;

    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises)
    {
        RecordedRun recorded = RunDriver.Run(run, subject);
        TimeSpan half = recorded.Steps.Count == 0 ? TimeSpan.Zero : recorded.Steps[^1].At / 2;
        var shares = recorded.Requests.GroupBy(request => request.Trace.Priority)
            .Select(group => (Priority: group.Key, Count: group.Count(), Served: group.Count(request => request.FirstAdmittedAt < half)))
            .OrderBy(share => share.Priority).ToList();
        for (int i = 1; i < shares.Count; i++)
        {
            // One request in the making may tip a share.
            if ((double)shares[i].Served / shares[i].Count > (double)(shares[i - 1].Served + 1) / shares[i - 1].Count)
                return $"Half-way, priority {shares[i].Priority} has been served {shares[i].Served} of {shares[i].Count} and priority {shares[i - 1].Priority} {shares[i - 1].Served} of {shares[i - 1].Count}.";
        }

        return null;
    }
}
