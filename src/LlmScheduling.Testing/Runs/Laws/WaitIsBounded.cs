namespace LlmScheduling.Testing;

internal sealed class WaitIsBounded() : RunLaw("WaitIsBounded", "Once a request has waited as long as promised, no more later arrivals than promised are admitted before it.")
{
    public override RunLoad Load => RunLoad.Usual;

    public override bool Concerns(PolicyPromises promises) => promises.MaxPassedAfterWait is not null;

    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises)
    {
        // Look-ahead passes on purpose, and a cancel is not the policy's doing.
        RunCase plain = run with { Cancels = [], Engine = run.Engine with { LookAheadRequests = 0 } };
        return RunDriver.Run(plain, clock => subject(plain, clock), new Watch(promises.WaitBeforeBound, promises.MaxPassedAfterWait!.Value)).Violation;
    }

    private sealed class Watch(TimeSpan wait, int most) : IRunWatch
    {
        public string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now)
        {
            foreach (PlannedWork work in plan.Work)
            {
                if (!requests.TryGetValue(work.Id, out RunRequest? admitted) || admitted.FirstAdmittedAt is not null)
                    continue;
                foreach (RunRequest waiting in requests.Values)
                {
                    bool isPassed = waiting.FirstAdmittedAt is null && waiting.Outcome is null && waiting.Place < admitted.Place
                        && now - waiting.Trace.ArrivedAt >= wait && plan.Work.All(other => other.Id != waiting.Ticket!.Id);
                    if (isPassed && ++waiting.Passed > most)
                        return $"{waiting} has waited {(now - waiting.Trace.ArrivedAt).TotalMilliseconds} ms and has been passed {waiting.Passed} times since {wait.TotalMilliseconds} ms.";
                }
            }

            return null;
        }
    }
}
