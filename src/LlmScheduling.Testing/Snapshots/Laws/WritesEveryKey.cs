namespace LlmScheduling.Testing;

internal sealed class WritesEveryKey() : SnapshotLaw("EveryKeyIsANumber", "Every live request gets a key, and no score is NaN.")
{
    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        PriorityKey[] keys = snapshot.KeysOf(policy);
        int at = Array.FindIndex(keys, key => double.IsNaN(key.Score));
        return at < 0 ? null : $"The key of request {snapshot.Requests[at].Id.Sequence} is NaN or was not written.";
    }
}
