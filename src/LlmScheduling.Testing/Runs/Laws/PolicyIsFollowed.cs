namespace LlmScheduling.Testing;

internal sealed class PolicyIsFollowed() : RunLaw("PolicyIsFollowed", "The policy answers in every step, so that none falls back to first come, first served."), IRunWatch
{
    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises) =>
        RunDriver.Run(run, subject, this).Violation;

    public string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now) =>
        plan.PolicyFault is { } fault ? $"It failed with {fault.GetType().Name}: {fault.Message}" : null;
}
