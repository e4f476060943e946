namespace LlmScheduling.Testing;

internal sealed class AllocatesNothing() : SnapshotLaw("AllocatesNothing", "Asked again about as many requests, a policy allocates nothing.")
{
    private const int Requests = 256, Repeats = 20;

    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises) => null;

    public override (string What, string Case)? ViolationAfterAll(IReadOnlyList<SnapshotCase> cases, ISchedulingPolicy policy)
    {
        SnapshotCase snapshot = cases.Where(one => one.Requests.Count > 0).MinBy(one => one.Requests.Count) ?? cases[0];
        var requests = new RequestView[Requests];
        for (int i = 0; i < Requests; i++)
            requests[i] = snapshot.Requests.Count == 0 ? new RequestView { Id = new(i), PromptTokens = 1 } : snapshot.Requests[i % snapshot.Requests.Count] with { Id = new(i) };
        TenantUsage[] tenants = [.. snapshot.Tenants];
        var keys = new PriorityKey[Requests];

        // The least of several rounds: the runtime itself allocates now and then while it warms up.
        long least = long.MaxValue;
        for (int round = 0; round < 5 && least > 0; round++)
        {
            snapshot.Ask(policy, requests, tenants, keys);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Repeats; i++)
                snapshot.Ask(policy, requests, tenants, keys);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least == 0 ? null : ($"{least / Repeats} bytes are allocated per call for {Requests} requests.", snapshot.ToString());
    }
}
