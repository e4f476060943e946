namespace LlmScheduling.Testing;

internal sealed class ServiceGapIsBounded() : RunLaw("ServiceGapIsBounded", "While two tenants are both backlogged, what they are served differs by no more than the promised gap.")
{
    private const double OutputTokenCost = 2;

    public override RunLoad Load => RunLoad.Tenants;

    public override bool Concerns(PolicyPromises promises) => promises.MaxServiceGap is not null;

    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises) =>
        RunDriver.Run(run, subject, new Watch(promises.MaxServiceGap!.Value)).Violation;

    private sealed class Watch(double gap) : IRunWatch
    {
        /// <summary>By how much the first of two tenants was ahead when both had become backlogged.</summary>
        private readonly Dictionary<(string, string), double> _ahead = [];

        public string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now)
        {
            var tenants = requests.Values.GroupBy(request => request.Trace.Tenant).ToDictionary(tenant => tenant.Key, tenant => (
                IsBacklogged: tenant.Any(request => request.FirstAdmittedAt is null && request.Outcome is null),
                Served: tenant.Sum(request => (request.FirstAdmittedAt is null ? 0 : request.Trace.InputTokens) + OutputTokenCost * request.Emitted)));
            foreach ((string one, (bool oneWaits, double oneServed)) in tenants)
            {
                foreach ((string other, (bool otherWaits, double otherServed)) in tenants)
                {
                    if (!oneWaits || !otherWaits)
                        _ahead.Remove((one, other));
                    else if (!_ahead.TryAdd((one, other), oneServed - otherServed) && oneServed - otherServed - _ahead[(one, other)] > gap)
                        return $"While both waited, tenant {one} was served {oneServed - otherServed - _ahead[(one, other)]} weighted tokens more than {other}.";
                }
            }

            return null;
        }
    }
}
