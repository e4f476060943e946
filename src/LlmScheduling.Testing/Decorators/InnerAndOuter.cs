namespace LlmScheduling.Testing;

/// <summary>The keys that the policy inside gives, and those that the decorator makes of them.</summary>
internal readonly record struct InnerAndOuter(PriorityKey[] Inner, PriorityKey[] Outer)
{
    public static InnerAndOuter Of(SnapshotCase snapshot, Func<ISchedulingPolicy, ISchedulingPolicy> decorate, Func<double, double> score)
    {
        var inner = new InnerPolicy(score);
        return new(snapshot.KeysOf(inner), snapshot.KeysOf(decorate(inner)));
    }

    /// <summary>Names the first request for which <paramref name="isWrong"/> holds, with both keys; null when there is none.</summary>
    public string? First(SnapshotCase snapshot, Func<RequestView, PriorityKey, PriorityKey, bool> isWrong)
    {
        for (int i = 0; i < Inner.Length; i++)
        {
            if (isWrong(snapshot.Requests[i], Inner[i], Outer[i]))
                return $"Request {snapshot.Requests[i].Id.Sequence} has {Inner[i]} inside and {Outer[i]} outside.";
        }

        return null;
    }
}
