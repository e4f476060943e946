using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

internal sealed class WaitIsBounded() : RunLaw("WaitIsBounded", "Once a request has waited longer than promised, no more later arrivals are admitted before it than promised for itself and each older one that waited then.")
{
    public override bool Concerns(PolicyPromises promises) => promises.MaxPassedAfterWait is not null;

    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises)
    {
        // Look-ahead passes on purpose, and neither cancels nor preemptions are the policy's doing.
        RunCase plain = run with { Cancels = [], Engine = run.Engine with { LookAheadRequests = 0, Preemption = Preemption.None } };
        return RunDriver.Run(plain, subject, new Watch(promises.WaitBeforeBound, promises.MaxPassedAfterWait!.Value)).Violation;
    }

    private sealed class Watch(TimeSpan wait, int most) : IRunWatch
    {
        private readonly Dictionary<RunRequest, (int Bound, int Passed)> _overdue = [];

        public string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now)
        {
            List<RunRequest> waiting = [.. requests.Values.Where(request => request.FirstAdmittedAt is null && request.Outcome is null)];
            HashSet<RunRequest> admitted = [.. waiting.Where(request => plan.Work.Any(work => work.Id == request.Ticket!.Id))];
            foreach (RunRequest request in waiting)
            {
                if (now - request.Trace.ArrivedAt <= wait)
                    continue;
                if (!_overdue.ContainsKey(request))
                    _overdue[request] = (most * (1 + waiting.Count(other => other.Place < request.Place)), 0);
                if (admitted.Contains(request))
                    continue;
                (int bound, int passed) = _overdue[request];
                _overdue[request] = (bound, passed += admitted.Count(other => other.Place > request.Place));
                if (passed > bound)
                    return $"{request} has waited {(now - request.Trace.ArrivedAt).TotalMilliseconds} ms and has been passed {passed} times since {wait.TotalMilliseconds} ms; {bound} is the bound.";
            }

            return null;
        }
    }
}
