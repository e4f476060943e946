namespace LlmScheduling.Testing;

internal sealed class SurvivesHostileValues() : SnapshotLaw("SurvivesHostileValues", "Values at the ends of their types, and a million requests, neither throw nor give NaN.")
{
    private const int Million = 1_000_000;

    public override bool WantsHostileCases => true;

    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        PriorityKey[] keys = snapshot.KeysOf(policy);
        int at = Array.FindIndex(keys, key => double.IsNaN(key.Score));
        return at < 0 ? null : $"The key of request {snapshot.Requests[at].Id.Sequence} is NaN or was not written.";
    }

    public override (string What, string Case)? ViolationAfterAll(IReadOnlyList<SnapshotCase> cases, ISchedulingPolicy policy)
    {
        SnapshotCase snapshot = cases.Where(one => one.Requests.Count > 0).MinBy(one => one.Requests.Count) ?? cases[0];
        var requests = new RequestView[Million];
        for (int i = 0; i < Million; i++)
            requests[i] = snapshot.Requests.Count == 0 ? new RequestView { Id = new(i), PromptTokens = 1 } : snapshot.Requests[i % snapshot.Requests.Count] with { Id = new(i) };
        var keys = new PriorityKey[Million];
        Array.Fill(keys, new PriorityKey(0, 0, double.NaN));
        snapshot.Ask(policy, requests, [.. snapshot.Tenants], keys);
        int at = Array.FindIndex(keys, key => double.IsNaN(key.Score));
        return at < 0 ? null : ($"Of a million requests, the key of number {at} is NaN or was not written.", snapshot.ToString());
    }
}
