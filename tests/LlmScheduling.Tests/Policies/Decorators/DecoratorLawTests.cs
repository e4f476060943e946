namespace LlmScheduling.Tests.Policies.Decorators;

/// <summary>What every decorator owes the policy inside it, whatever that answers.</summary>
public sealed class DecoratorLawTests
{
    private static readonly Dictionary<string, Func<ISchedulingPolicy, ISchedulingPolicy>> Decorators = new()
    {
        [nameof(RelativeAging)] = inner => inner.WithRelativeAging(factor: 3),
        [nameof(StarvationBound)] = inner => inner.WithStarvationBound(TimeSpan.FromSeconds(30)),
        [nameof(BacklogGuard)] = inner => inner.WithBacklogGuard(0.5),
        [nameof(TenantFairness)] = inner => inner.WithTenantFairness(),
    };

    public static TheoryData<string> Names => [.. Decorators.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Prioritize_AnyInnerKeys_KeepsHoldRefuseBandAndRunningRequests(string name) =>
        PolicyCases.Check(PolicyCases.Ordinary, seed: 21, it =>
        {
            var inner = new ScriptedKeys(salt: it.Requests.Length);
            PriorityKey[] before = it.Keys(inner), after = it.Keys(Decorators[name](inner));
            for (int i = 0; i < before.Length; i++)
            {
                Assert.Equal(before[i].IsHeld, after[i].IsHeld);
                Assert.Equal(before[i].IsRefused, after[i].IsRefused);
                Assert.Equal(before[i].Band, after[i].Band);
                if (before[i].IsHeld || it.Requests[i].Phase == RequestPhase.Running)
                    Assert.Equal(before[i], after[i]);
            }
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void Prioritize_InnerScoresStretched_GivesTheSameOrder(string name) =>
        PolicyCases.Check(PolicyCases.Ordinary, seed: 22, it =>
        {
            var inner = new ShortestWorkFirst();
            Assert.Equal(it.Order(Decorators[name](inner)), it.Order(Decorators[name](new Stretched(inner))));
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void Prioritize_NaNInside_IsNotHidden(string name)
    {
        var broken = new KeyedBy((in RequestView request) => new(0, double.NaN));
        PolicyCase it = PolicyCase.Of(PolicyCase.View(0), PolicyCase.View(1, arrivedAt: 99));
        Assert.All(it.Keys(Decorators[name](broken)), key => Assert.True(double.IsNaN(key.Score)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Constructor_WithoutInner_Throws(string name) => Assert.Throws<ArgumentNullException>(() => Decorators[name](null!));

    /// <summary>The same order by other numbers: arithmetic on scores would give itself away.</summary>
    private sealed class Stretched(ISchedulingPolicy inner) : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            inner.Prioritize(snapshot, keys);
            foreach (ref PriorityKey key in keys)
                key = key with { Score = Math.Cbrt(key.Score) - 1e6 };
        }
    }
}
