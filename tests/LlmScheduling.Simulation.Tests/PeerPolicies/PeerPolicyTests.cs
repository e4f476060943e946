using LlmScheduling.Tests.Policies;

namespace LlmScheduling.Simulation.Tests.PeerPolicies;

public sealed class PeerPolicyTests
{
    private const ulong Seed = 20_250_602;

    private static readonly WorkModel SecondPerToken = new(Step: 0, PrefillToken: 1, DecodeSequence: 0, ContextToken: 0, TokenBoundShare: 0);

    private static readonly Dictionary<string, ISchedulingPolicy> Policies = new ISchedulingPolicy[]
    {
        new LastComeFirstServed(),
        new HeadStart(TimeSpan.FromSeconds(2)),
        new LengthWaitScore(lengthWeight: 0.5, lengthScale: 32_768, timeWeight: 0.5, timeScale: TimeSpan.FromSeconds(1)),
        new DecayingLength(ratePerSecond: 0.005),
        new LeastSlackOrRefuse(defersHopeless: true),
        new MostOnTimeFirst(),
        new PublishedOrder(),
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
    public void LeastSlackOrRefuse_Hopeless_AreRefusedWhileOthersWait()
    {
        PolicyCase it = PolicyCase.Of(Due(0, 130), Due(1, 110), Due(2, 105), Due(3, 99), PolicyCase.View(4)) with { Work = SecondPerToken };

        // Ten tokens take 10 s: slack is 20, 0, -5 and -11 s, and nothing is promised to the last.
        Assert.Equal([1, 0, 4, 2, 3], it.Order(new LeastSlackOrRefuse(defersHopeless: true)));
        Assert.Equal([1, 0, 4], it.Order(new LeastSlackOrRefuse()));
        Assert.Equal([false, false, true, true, false], it.Keys(new LeastSlackOrRefuse()).Select(key => key.IsRefused));
        Assert.Equal([3], (it with { Requests = [Due(3, 99)] }).Order(new LeastSlackOrRefuse()));
    }

    [Fact]
    public void LeastSlackOrRefuse_PreemptedAndHopeless_ComesLast()
    {
        PolicyCase it = PolicyCase.Of(Due(0, 99) with { Phase = RequestPhase.Preempted }, Due(1, 200)) with { Work = SecondPerToken };
        Assert.Equal([1, 0], it.Order(new LeastSlackOrRefuse()));
    }

    [Fact]
    public void MostOnTimeFirst_NotAllCanBe_LeavesOutTheLargest()
    {
        // By due date 1 (20 s of work), 2 and 0 (5 s each), 3 (30 s); after 1, 2 is late by 4 s, so that 1 is left out.
        PolicyCase it = PolicyCase.Of(Due(0, 127, 5), Due(1, 121, 20), Due(2, 126, 5), Due(3, 150, 30), Due(4, 104, 5), PolicyCase.View(5, prompt: 50)) with { Work = SecondPerToken };
        Assert.Equal([0, 2, 3, 5, 4, 1], it.Order(new MostOnTimeFirst()));
        Assert.Equal([0, 2, 0, 0, 2, 1], it.Keys(new MostOnTimeFirst()).Select(key => key.Tier));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void MostOnTimeFirst_SmallQueues_FindsALargestSet(ulong seed)
    {
        for (ulong draw = 0; draw < 100; draw++)
        {
            var random = new SeededRandom(100 * seed + draw);
            RequestView[] requests = [.. Enumerable.Range(0, 8).Select(i => Due(i, 101 + random.NextBelow(60), 1 + random.NextBelow(20)))];
            PolicyCase it = PolicyCase.Of(requests) with { Work = SecondPerToken };
            int most = Enumerable.Range(0, 256).Where(set => CanBeOnTime(requests, set)).Max(set => int.PopCount(set));
            Assert.Equal(most, it.Keys(new MostOnTimeFirst()).Count(key => key.Tier == 0));
        }
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

    private static RequestView Due(long id, double due, int prompt = 10) => PolicyCase.View(id, prompt: prompt) with { FirstTokenDue = TimeSpan.FromSeconds(due) };

    private static bool CanBeOnTime(RequestView[] requests, int set)
    {
        double end = 100;
        foreach (RequestView request in requests.Where((_, i) => (set & (1 << i)) != 0).OrderBy(request => request.FirstTokenDue))
        {
            end += request.PromptTokens;
            if (end > request.FirstTokenDue.TotalSeconds)
                return false;
        }

        return true;
    }
}
