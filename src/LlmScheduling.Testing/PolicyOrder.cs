namespace LlmScheduling.Testing;

/// <summary>The order a policy gives, in one line, to assert on.</summary>
public static class PolicyOrder
{
    /// <summary>Ids of the waiting requests that are not held, most urgent first.</summary>
    public static IReadOnlyList<long> Of(ISchedulingPolicy policy, IReadOnlyList<RequestView> requests, TimeSpan now) =>
        Of(policy, new SnapshotCase { Requests = requests, Now = now });

    /// <summary>Ids of the waiting requests that are not held, most urgent first.</summary>
    public static IReadOnlyList<long> Of(ISchedulingPolicy policy, SnapshotCase snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return Decision.Of(snapshot.Requests, snapshot.KeysOf(policy)).Order;
    }
}
