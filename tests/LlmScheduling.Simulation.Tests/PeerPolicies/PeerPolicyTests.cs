using LlmScheduling.Tests.Policies;

namespace LlmScheduling.Simulation.Tests.PeerPolicies;

public sealed class PeerPolicyTests
{
    private const ulong Seed = 20_250_602;

    private static readonly Dictionary<string, ISchedulingPolicy> Policies = new ISchedulingPolicy[]
    {
        new LastComeFirstServed(),
        new HeadStart(TimeSpan.FromSeconds(2)),
        new LengthWaitScore(lengthWeight: 0.5, lengthScale: 32_768, timeWeight: 0.5, timeScale: TimeSpan.FromSeconds(1)),
        new DecayingLength(ratePerSecond: 0.005),
    }.ToDictionary(policy => policy.GetType().Name);

    public static TheoryData<string> Names => [.. Policies.Keys];

    [Fact]
    public void Names_CoverEveryPolicyOfTheSimulation() =>
        Assert.Empty(typeof(LastComeFirstServed).Assembly.GetExportedTypes()
            .Where(type => type.IsClass && type.IsAssignableTo(typeof(ISchedulingPolicy)))
            .Except(Policies.Values.Select(policy => policy.GetType())));

    [Theory]
    [MemberData(nameof(Names))]
    public void Prioritize_OrdinaryCases_ObeysTheLaws(string name)
    {
        ISchedulingPolicy policy = Policies[name];
        PolicyCases.Check(PolicyCases.Ordinary, Seed, it =>
        {
            PolicyLaws.EveryKeyIsWrittenAndIsANumber(policy, it);
            PolicyLaws.EqualSnapshotsGetEqualKeys(policy, it);
            PolicyLaws.ThePlaceInTheSnapshotMeansNothing(policy, it);
            PolicyLaws.TheStartOfTheClockMeansNothing(policy, it);
            PolicyLaws.NothingIsHeld(policy, it);
            PolicyLaws.RunningRequestsKeepTheirSeats(policy, it);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Prioritize_HostileValues_AnswersNumbers(string name) =>
        PolicyCases.Check(PolicyCases.Hostile, Seed, it => PolicyLaws.EveryKeyIsWrittenAndIsANumber(Policies[name], it));

    [Theory]
    [MemberData(nameof(Names))]
    public void Prioritize_SteadyState_AllocatesNothing(string name) =>
        PolicyLaws.NothingIsAllocated(Policies[name], PolicyCase.Of([.. Enumerable.Range(0, 100).Select(i => PolicyCase.View(i, arrivedAt: i))]));

    [Fact]
    public void LastComeFirstServed_SameInstant_GoesById() =>
        Assert.Equal([3, 1, 2, 0], PolicyCase.Of(PolicyCase.View(0, 1), PolicyCase.View(1, 5), PolicyCase.View(2, 5), PolicyCase.View(3, 6)).Order(new LastComeFirstServed()));

    [Fact]
    public void HeadStart_UrgentRequest_PassesThoseWithinItsHeadStart() =>
        Assert.Equal([0, 3, 1, 2], PolicyCase.Of(
            PolicyCase.View(0, 1), PolicyCase.View(1, 6), PolicyCase.View(2, 5, priority: 1), PolicyCase.View(3, 9, priority: -2)).Order(new HeadStart(TimeSpan.FromSeconds(2))));

    [Fact]
    public void LengthWaitScore_LongWait_OutweighsAnyLength()
    {
        var policy = new LengthWaitScore(0.5, 32_768, 0.5, TimeSpan.FromSeconds(1));
        PolicyCase it = PolicyCase.Of(PolicyCase.View(0, 1, prompt: 50_000), PolicyCase.View(1, 100, prompt: 100));
        Assert.Equal([0, 1], it.Order(policy));
        Assert.Equal([1, 0], (it with { Now = TimeSpan.FromSeconds(100) }).Order(new LengthWaitScore(0.5, 32_768, 0, TimeSpan.FromSeconds(1))));
        Assert.Equal(-(0.5 / (1 + 50_000 / 32_768.0) + 0.5 * 99), it.KeyOf(policy, 0).Score, 12);
    }

    [Fact]
    public void DecayingLength_EqualAges_KeepTheirRatioUntilNothingIsLeft()
    {
        PolicyCase it = PolicyCase.Of(PolicyCase.View(0, 0, prompt: 8_000), PolicyCase.View(1, 0, prompt: 2_000));
        Assert.Equal([1, 0], (it with { Now = TimeSpan.FromSeconds(199) }).Order(new DecayingLength(0.005)));
        Assert.Equal([0, 1], (it with { Now = TimeSpan.FromSeconds(200) }).Order(new DecayingLength(0.005)));
        Assert.Equal([1, 0], (it with { Now = TimeSpan.FromSeconds(10_000) }).Order(new DecayingLength(0)));
    }

    [Fact]
    public void Constructors_ParametersOutOfRange_Throw()
    {
        TimeSpan second = TimeSpan.FromSeconds(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new DecayingLength(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DecayingLength(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LengthWaitScore(-1, 1, 1, second));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LengthWaitScore(1, 0, 1, second));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LengthWaitScore(1, 1, double.PositiveInfinity, second));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LengthWaitScore(1, 1, 1, TimeSpan.Zero));
    }
}
