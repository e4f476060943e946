namespace LlmScheduling.Testing;

internal sealed class NeverIdleWhileOneWaits() : RunLaw("NeverIdleWhileOneWaits", "The engine is never idle while a request waits."), IRunWatch
{
    public override bool Concerns(PolicyPromises promises) => promises.IsWorkConserving;

    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises) =>
        RunDriver.Run(run, subject, this).Violation;

    public string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now) =>
        plan.Work.Count == 0 && requests.Values.FirstOrDefault(request => request.Outcome is null) is { } waiting ? $"Nothing is planned, and {waiting} waits." : null;
}
