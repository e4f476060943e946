namespace LlmScheduling.Testing;

internal sealed class ServiceGapIsBounded() : RunLaw("ServiceGapIsBounded", "While two tenants are both backlogged, their served weighted tokens differ by no more than the promised gap.")
{
    public override RunLoad Load => RunLoad.Saturated;

    public override bool Concerns(PolicyPromises promises) => promises.MaxServiceGap is not null;

    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises) =>
        RunDriver.Run(run, clock => subject(run, clock), new Watch(promises.MaxServiceGap!.Value)).Violation;

    private sealed class Watch(double gap) : IRunWatch
    {
        public string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now)
        {
            var tenants = requests.Values.GroupBy(request => request.Trace.Tenant)
                .Where(tenant => tenant.Any(request => request.FirstAdmittedAt is null && request.Outcome is null))
                .Select(tenant => (Name: tenant.Key, Cost: tenant.Sum(request => (request.FirstAdmittedAt is null ? 0.0 : request.Trace.InputTokens) + 2.0 * request.Emitted)))
                .OrderBy(tenant => tenant.Cost).ToList();
            return tenants.Count > 1 && tenants[^1].Cost - tenants[0].Cost > gap
                ? $"Tenant {tenants[^1].Name} has been served {tenants[^1].Cost} and {tenants[0].Name} {tenants[0].Cost} weighted tokens; both wait."
                : null;
        }
    }
}
