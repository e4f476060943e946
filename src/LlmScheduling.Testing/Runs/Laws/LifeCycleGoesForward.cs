namespace LlmScheduling.Testing;

internal sealed class LifeCycleGoesForward() : RunLaw("LifeCycleGoesForward", "Only a live request gets tokens, once per step and no more than it has left; only a running one is preempted or released."), IRunWatch
{
    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises) =>
        RunDriver.Run(run, subject, this).Violation;

    public string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now)
    {
        foreach (RequestId id in plan.Preempted.Concat(plan.Released))
        {
            if (!requests.TryGetValue(id, out RunRequest? request) || !request.IsResident)
                return $"Request {id.Sequence} is taken from the engine, which does not have it.";
        }

        var granted = new HashSet<RequestId>();
        foreach (PlannedWork work in plan.Work)
        {
            if (!requests.TryGetValue(work.Id, out RunRequest? request))
                return $"Request {work.Id.Sequence} gets tokens and never arrived.";
            if (request.Outcome is { } outcome)
                return $"{request} gets tokens and has ended as {outcome}.";
            if (!granted.Add(work.Id))
                return $"{request} gets tokens twice.";
            int left = plan.Preempted.Contains(work.Id) ? request.Trace.InputTokens + request.Emitted : request.Left;
            if (work.Tokens > left)
                return $"{request} gets {work.Tokens} tokens and has {left} left.";
        }

        return null;
    }
}
