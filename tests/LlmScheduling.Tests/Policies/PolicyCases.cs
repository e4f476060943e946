using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Tests.Policies;

/// <summary>Random cases: ordinary ones as a server could see them, hostile ones with the extremes of every field.</summary>
internal static class PolicyCases
{
    private static readonly TimeSpan[] HostileTimes = [TimeSpan.MinValue, TimeSpan.MinValue + TimeSpan.FromTicks(1), TimeSpan.Zero, TimeSpan.MaxValue - TimeSpan.FromTicks(1), TimeSpan.MaxValue];
    private static readonly int[] HostileCounts = [0, 1, int.MaxValue - 1, int.MaxValue];

    public static Arbitrary<PolicyCase> Ordinary { get; } = From(OrdinaryTime(), OrdinaryTime().OrNever(), Gen.Choose(1, 5_000), Gen.Choose(-3, 3), OrdinaryLength(), OrdinaryRank());

    public static Arbitrary<PolicyCase> Hostile { get; } = From(
        Gen.Elements(HostileTimes), Gen.Elements(HostileTimes), Gen.Elements(HostileCounts), Gen.Elements(int.MinValue, -1, 0, int.MaxValue),
        Gen.Elements(default, new LengthEstimate(float.MaxValue, 9), new LengthEstimate(float.PositiveInfinity, 0), new LengthEstimate(-1, 0), new LengthEstimate(float.NaN, float.NaN)),
        Gen.Elements(float.NaN, float.MinValue, float.MaxValue, float.NegativeInfinity, float.PositiveInfinity, 0));

    /// <summary>Runs a law on 300 cases from a fixed seed; a failure prints the seed and the smallest case it found.</summary>
    public static void Check(Arbitrary<PolicyCase> cases, ulong seed, Action<PolicyCase> law) =>
        Prop.ForAll(cases, law).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(seed, 1UL));

    private static Gen<TimeSpan> OrdinaryTime() => Gen.Choose(0, 100_000).Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds));

    private static Gen<TimeSpan> OrNever(this Gen<TimeSpan> times) => Gen.OneOf(times, Gen.Constant(TimeSpan.MaxValue));

    private static Gen<LengthEstimate> OrdinaryLength() => Gen.OneOf(Gen.Constant(default(LengthEstimate)), Gen.Choose(1, 2_000).Select(median => new LengthEstimate(median, 0.5f)));

    private static Gen<float> OrdinaryRank() => Gen.OneOf(Gen.Constant(float.NaN), Gen.Choose(-8, 8).Select(score => score / 4f));

    private static Arbitrary<PolicyCase> From(Gen<TimeSpan> times, Gen<TimeSpan> dues, Gen<int> counts, Gen<int> priorities, Gen<LengthEstimate> lengths, Gen<float> ranks)
    {
        Gen<RequestView> views =
            from arrived in times
            from firstToken in dues
            from deadline in dues
            from interval in dues
            from prompt in counts
            from most in counts
            from generated in Gen.Frequency((3, Gen.Constant(0)), (1, counts))
            from priority in priorities
            from tenant in Gen.Choose(0, 3)
            from length in lengths
            from rank in ranks
            from processed in Gen.Choose(0, 100_000)
            from phase in Gen.Frequency((4, Gen.Constant(RequestPhase.Waiting)), (1, Gen.Constant(RequestPhase.Preempted)), (1, Gen.Constant(RequestPhase.Running)))
            select new RequestView
            {
                ArrivedAt = arrived,
                LastScheduledAt = arrived,
                FirstTokenAt = generated > 0 ? arrived : TimeSpan.MaxValue,
                FirstTokenDue = firstToken,
                Deadline = deadline,
                TokenInterval = interval,
                PromptTokens = prompt,
                MaxOutputTokens = most,
                ComputedTokens = phase == RequestPhase.Running ? prompt : 0,
                GeneratedTokens = phase == RequestPhase.Waiting ? 0 : generated,
                Priority = priority,
                TenantIndex = tenant,
                Length = length,
                RankScore = rank,
                ProcessedTokensAtArrival = processed,
                Phase = phase,
            };

        Gen<PolicyCase> cases =
            from requests in views.ArrayOf()
            from now in times
            from costs in Gen.Choose(0, 5).Select(it => it * 1_000.0).ArrayOf(4)
            from weights in Gen.Elements(0.5, 1, 4).ArrayOf(4)
            from names in Gen.Shuffle(new[] { 0, 1, 2, 3 })
            from lastAdmissions in Gen.Shuffle(new long[] { 0, 1, 5, 9 })
            from admissions in Gen.Choose(0, 20)
            from work in Gen.Elements(default, new WorkModel(0.03, 0.00006, 0.00013, 0.0000003, 0), new WorkModel(0.03, 0.00006, 0, 0, 1))
            select new PolicyCase
            {
                Requests = WithIdsInArrivalOrder(requests),
                Now = now,
                Tenants = [.. Enumerable.Range(0, 4).Select(t => new TenantUsage(costs[t], weights[t], names[t], lastAdmissions[t]))],
                ProcessedTokens = 100_000,
                Admissions = admissions,
                Work = work,
            };
        return Arb.From(cases, Smaller);
    }

    private static RequestView[] WithIdsInArrivalOrder(RequestView[] requests)
    {
        int[] order = [.. Enumerable.Range(0, requests.Length).OrderBy(i => requests[i].ArrivedAt)];
        for (int rank = 0; rank < order.Length; rank++)
            requests[order[rank]] = requests[order[rank]] with { Id = new RequestId(rank) };
        return requests;
    }

    private static IEnumerable<PolicyCase> Smaller(PolicyCase it) =>
        Enumerable.Range(0, it.Requests.Length).Select(left => it with { Requests = [.. it.Requests.Where((_, i) => i != left)] });
}
