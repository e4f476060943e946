namespace LlmScheduling.Testing;

internal sealed class Deterministic() : SnapshotLaw("EqualSnapshotsGetEqualKeys", "A policy has no input but the snapshot: no clock, no randomness, nothing remembered from other steps.")
{
    private static readonly TimeSpan CoarseClockTick = TimeSpan.FromMilliseconds(20);

    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        PriorityKey[] first = snapshot.KeysOf(policy);
        PriorityKey[] again = snapshot.KeysOf(policy);
        Another(snapshot).KeysOf(policy);
        PriorityKey[] afterAnother = snapshot.KeysOf(policy);
        return Difference(snapshot, first, again, "asked twice") ?? Difference(snapshot, first, afterAnother, "asked again after another snapshot");
    }

    /// <summary>All cases once more, when even a coarse clock has moved on and whatever is remembered has changed.</summary>
    public override (string What, string Case)? ViolationAfterAll(IReadOnlyList<SnapshotCase> cases, ISchedulingPolicy policy)
    {
        PriorityKey[][] first = [.. cases.Select(snapshot => snapshot.KeysOf(policy))];
        Task.Delay(CoarseClockTick, TimeProvider.System).GetAwaiter().GetResult();
        for (int i = 0; i < cases.Count; i++)
        {
            if (Difference(cases[i], first[i], cases[i].KeysOf(policy), "asked again a little later") is { } difference)
                return (difference, cases[i].ToString());
        }

        return null;
    }

    private static SnapshotCase Another(SnapshotCase snapshot) => snapshot with
    {
        Requests = [.. snapshot.Requests.Reverse().Take((snapshot.Requests.Count + 1) / 2)],
        Now = snapshot.Now + TimeSpan.FromSeconds(1),
        Admissions = snapshot.Admissions + 1,
        Seed = snapshot.Seed + 1,
    };

    private static string? Difference(SnapshotCase snapshot, PriorityKey[] first, PriorityKey[] second, string when)
    {
        for (int i = 0; i < first.Length; i++)
        {
            if (!first[i].Equals(second[i]))
                return $"Request {snapshot.Requests[i].Id.Sequence} got {first[i]} and, {when}, {second[i]}.";
        }

        return null;
    }
}
