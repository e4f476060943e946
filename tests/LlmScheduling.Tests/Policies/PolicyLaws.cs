namespace LlmScheduling.Tests.Policies;

/// <summary>What every policy that the library ships owes the planner.</summary>
internal static class PolicyLaws
{
    public static void EveryKeyIsWrittenAndIsANumber(ISchedulingPolicy policy, PolicyCase it) =>
        Assert.DoesNotContain(it.Keys(policy), key => double.IsNaN(key.Score));

    public static void EqualSnapshotsGetEqualKeys(ISchedulingPolicy policy, PolicyCase it) => Assert.Equal(it.Keys(policy), it.Keys(policy));

    public static void ThePlaceInTheSnapshotMeansNothing(ISchedulingPolicy policy, PolicyCase it)
    {
        PolicyCase reversed = it with { Requests = [.. it.Requests.Reverse()] };
        Assert.Equal(it.Keys(policy), reversed.Keys(policy).Reverse());
    }

    public static void TheStartOfTheClockMeansNothing(ISchedulingPolicy policy, PolicyCase it) =>
        Assert.Equal(it.Order(policy), it.Later(TimeSpan.FromHours(30), 1L << 33).Order(policy));

    public static void RunningRequestsKeepTheirSeats(ISchedulingPolicy policy, PolicyCase it)
    {
        PriorityKey[] keys = it.Keys(policy);
        for (int i = 0; i < keys.Length; i++)
        {
            if (it.Requests[i].Phase == RequestPhase.Running)
                Assert.Equal(PriorityKey.KeepsSeat, keys[i]);
        }
    }

    public static void NothingIsHeld(ISchedulingPolicy policy, PolicyCase it) => Assert.DoesNotContain(it.Keys(policy), key => key.IsHeld || key.IsSpare);

    public static void NothingIsAllocated(ISchedulingPolicy policy, PolicyCase it)
    {
        var keys = new PriorityKey[it.Requests.Length];
        SchedulingSnapshot snapshot = it.Snapshot;
        for (int warm = 0; warm < 50; warm++)
            policy.Prioritize(snapshot, keys);

        // The runtime may allocate on any thread; a policy that does, does so in every round.
        long least = long.MaxValue;
        for (int round = 0; round < 4; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int measured = 0; measured < 50; measured++)
                policy.Prioritize(snapshot, keys);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
