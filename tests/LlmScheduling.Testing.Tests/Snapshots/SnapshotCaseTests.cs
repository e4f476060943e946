namespace LlmScheduling.Testing.Tests.Snapshots;

public sealed class SnapshotCaseTests
{
    private static readonly SnapshotCase Full = new SnapshotCase
    {
        Now = TimeSpan.FromMilliseconds(1500),
        Requests =
        [
            new() { Id = new(7), ArrivedAt = TimeSpan.FromSeconds(1), PromptTokens = 3, MaxOutputTokens = 9, Priority = -2, TenantIndex = 1, TrafficClassIndex = 1, FirstTokenDue = new TimeSpan(15), TokenInterval = TimeSpan.Zero, Deadline = TimeSpan.MinValue, ProcessedTokensAtArrival = 4, Length = new(3.4028235E+38f, 0.5f), RankScore = float.NegativeInfinity },
            new() { Id = new(8), Phase = RequestPhase.Running, ArrivedAt = TimeSpan.Zero, LastScheduledAt = TimeSpan.FromSeconds(1), PromptTokens = 2, MaxOutputTokens = 5, ComputedTokens = 2, GeneratedTokens = 1, CachedPrefixTokens = 1, FirstTokenAt = TimeSpan.FromSeconds(1), RankScore = 2.5f, AdmissionOrder = 0 },
        ],
        Tenants = [new(1.5, 1, 0, 0), new(0, 0.5, 1, 2)],
        Limits = new(64, 2),
        Work = new(0.03, 6E-05, 0.00013, 3.4E-07, 0.5),
        ProcessedTokens = 10,
        Admissions = 3,
        Seed = 17946744073709551615UL,
    };

    [Fact]
    public void ToString_EveryField_IsTheExpressionThatMadeIt()
    {
        string source = File.ReadAllText(Path.Combine(Repository.Root, "tests/LlmScheduling.Testing.Tests/Snapshots/SnapshotCaseTests.cs"));
        Assert.Contains(Full.ToString(), source.Replace("\n    ", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void KeysOf_KeyThatIsNotWritten_IsNaN()
    {
        PriorityKey[] keys = Full.KeysOf(new WritesNothing());
        Assert.All(keys, key => Assert.True(double.IsNaN(key.Score)));
    }

    [Fact]
    public void Of_HeldAndRunningRequests_AreNoPartOfTheOrder()
    {
        SnapshotCase snapshot = Full with { Requests = [.. Full.Requests, new RequestView { Id = new RequestId(9), PromptTokens = 1 }, new RequestView { Id = new RequestId(3), PromptTokens = 1 }] };
        var policy = new BrokenPolicy((in s, i) => s.Requests[i].Id.Sequence == 7 ? PriorityKey.Hold : new(0, -s.Requests[i].Id.Sequence));
        Assert.Equal([9, 3], PolicyOrder.Of(policy, snapshot));
    }

    private sealed class WritesNothing : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
        }
    }
}
