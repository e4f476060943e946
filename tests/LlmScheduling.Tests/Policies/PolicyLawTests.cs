using FsCheck;

namespace LlmScheduling.Tests.Policies;

/// <summary>Every policy, composition and decorator that the core ships, against the laws, on seeded random cases.</summary>
public sealed class PolicyLawTests
{
    private const ulong Seed = 20_250_601;

    private static readonly Dictionary<string, ISchedulingPolicy> Policies = new ISchedulingPolicy[]
    {
        new FirstComeFirstServed(), new ByPriority(), new EarliestDeadline(), new LeastSlack(), new ShortestPromptFirst(), new LongestOutputFirst(),
        new ShortestRankedFirst(), new ShortestPredictedFirst(), new ShortestWorkFirst(), new HighestResponseRatioNext(), new WeightedShortestFirst(),
        new TenantRoundRobin(), new ApparentTardinessCost(), new AttainableWorkFirst(), new AttainableWorkPausing(), new AnnealedSlo(), new BacklogBoost(), new SoftBoost(), new ShortestLowerBoundFirst(),
        new GittinsFirst(), new ShortestRemainingFirst(preemptibleShare: 0),
        new ShortestWorkFirst().WithRelativeAging(factor: 2),
        new ByPriority().WithStarvationBound(TimeSpan.FromSeconds(30)),
        new ShortestWorkFirst().WithBacklogGuard(0.5),
        new FirstComeFirstServed().WithTenantFairness(),
    }.ToDictionary(policy => policy.GetType().Name).Concat(new Dictionary<string, ISchedulingPolicy>
    {
        ["ByPriority, EarliestDeadline, ShortestPromptFirst"] = new ByPriority().Then(new EarliestDeadline()).Then(new ShortestPromptFirst()),
        ["GittinsFirst, distribution of unknown lengths"] = new GittinsFirst(LengthDistribution.Of([1, 5, 900])),
        ["ShortestRankedFirst + aging + fair + starvation"] = new ShortestRankedFirst().WithRelativeAging(2).WithTenantFairness().WithStarvationBound(TimeSpan.FromSeconds(50)),
    }).ToDictionary();

    public static TheoryData<string> Names => [.. Policies.Keys];

    [Fact]
    public void Names_CoverEveryPolicyOfTheCore() =>
        Assert.Empty(typeof(ISchedulingPolicy).Assembly.GetExportedTypes()
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
            if (policy is not (AttainableWorkFirst or AttainableWorkPausing))
                PolicyLaws.NothingIsHeld(policy, it);
            if (policy is not (FirstThen or AttainableWorkFirst or AttainableWorkPausing))
                PolicyLaws.RunningRequestsKeepTheirSeats(policy, it);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Prioritize_HostileValues_AnswersNumbersAndIgnoresPlaces(string name)
    {
        ISchedulingPolicy policy = Policies[name];
        PolicyCases.Check(PolicyCases.Hostile, Seed, it =>
        {
            PolicyLaws.EveryKeyIsWrittenAndIsANumber(policy, it);
            PolicyLaws.EqualSnapshotsGetEqualKeys(policy, it);
            PolicyLaws.ThePlaceInTheSnapshotMeansNothing(policy, it);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Prioritize_UnknownLength_IsTheSameHoweverItIsWritten(string name)
    {
        var it = new PolicyCase
        {
            Requests = [.. Enumerable.Range(0, 9).Select(i => PolicyCase.View(i, arrivedAt: 3 * i, prompt: 1 + i * 37 % 50) with
            {
                Phase = i % 4 == 3 ? RequestPhase.Preempted : RequestPhase.Waiting,
                GeneratedTokens = i % 4 == 3 ? i : 0,
                Deadline = TimeSpan.FromSeconds(120 - i),
                Length = i % 2 == 0 ? default : new(5 * i, 0.3f),
                TenantIndex = i % 3,
            })],
            Tenants = [new(30, 1, 1, 3), new(10, 2, 0, 5), new(20, 1, 2, 0)],
            ProcessedTokens = 1_000,
        };
        foreach (WorkModel work in (WorkModel[])[default, new(0.03, 0.001, 0.002, 0.0001, 0.5)])
        {
            // A spread around an unknown length may move the last bit of a score.
            static PriorityKey Rounded(PriorityKey key) => key with { Score = (float)key.Score };
            PriorityKey[] keys = (it with { Work = work }).Keys(Policies[name]);
            foreach (LengthEstimate unknown in (LengthEstimate[])[new(float.NaN, float.NaN), new(-7, 1), new(float.NegativeInfinity, 0)])
            {
                RequestView[] same = [.. it.Requests.Select(request => request.Length.IsKnown ? request : request with { Length = unknown })];
                Assert.Equal(keys.Select(Rounded), (it with { Work = work, Requests = same }).Keys(Policies[name]).Select(Rounded));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Prioritize_SteadyState_AllocatesNothing(string name)
    {
        RequestView[] requests = [.. Enumerable.Range(0, 700).Select(i => PolicyCase.View(i, arrivedAt: i / 10.0, prompt: 1 + i * 37 % 500, priority: i % 4) with
        {
            Phase = i % 7 == 0 ? RequestPhase.Running : RequestPhase.Waiting,
            RankScore = i % 5 == 0 ? float.NaN : i % 11,
            Length = i % 3 == 0 ? default : new(i, 0.3f),
            TenantIndex = i % 3,
        })];
        PolicyLaws.NothingIsAllocated(Policies[name], new PolicyCase
        {
            Requests = requests,
            Tenants = [new(30, 1, 1, 3), new(10, 2, 0, 5), new(20, 1, 2, 0)],
            Admissions = 3,
            ProcessedTokens = 100_000,
        });
    }
}
