namespace LlmScheduling.Tests.Admission;

public class ReportTests
{
    [Fact]
    public void OnRequestEnded_AfterReports_KnowsTimesAndTokens()
    {
        using var rig = new GateRig();
        var request = new InferenceRequest
        {
            PromptTokens = 10,
            MaxOutputTokens = 10,
            Objective = new ServiceLevelObjective { TimeToFirstToken = TimeSpan.FromMilliseconds(40), TimePerOutputToken = TimeSpan.FromMilliseconds(10) },
        };
        AdmissionLease lease = rig.Seat(request);
        rig.Advance(40);
        lease.ReportFirstToken();
        lease.ReportTokens(1);
        rig.Advance(30);
        lease.ReportTokens(3);
        lease.Complete(FinishReason.Stop);

        EndedRequest ended = Assert.Single(rig.Ended);
        Assert.Same(request, ended.Request);
        Assert.Equal(TimeSpan.Zero, ended.AdmittedAt);
        Assert.Equal(TimeSpan.FromMilliseconds(40), ended.FirstTokenAt);
        Assert.Equal(TimeSpan.FromMilliseconds(70), ended.EndedAt);
        Assert.Equal(4, ended.GeneratedTokens);
        Assert.True(ended.MetObjective);
    }

    [Fact]
    public void ReportTokens_WithoutAFirstTokenReport_IsOne()
    {
        using var rig = new GateRig();
        AdmissionLease lease = rig.Seat();
        rig.Advance(5);
        lease.ReportTokens(0);
        rig.Advance(5);
        lease.ReportTokens(2);
        lease.Dispose();

        EndedRequest ended = Assert.Single(rig.Ended);
        Assert.Equal((TimeSpan.FromMilliseconds(10), 2), (ended.FirstTokenAt, ended.GeneratedTokens));
    }

    [Fact]
    public void ReportTokens_BeyondTheLimitOrAfterTheEnd_AreNotCounted()
    {
        using var rig = new GateRig();
        AdmissionLease lease = rig.Seat(GateRig.Request(output: 3));
        lease.ReportTokens(int.MaxValue);
        lease.ReportTokens(int.MaxValue);
        lease.Complete(FinishReason.Length);
        lease.ReportTokens(1);

        Assert.Equal(3, Assert.Single(rig.Ended).GeneratedTokens);
    }

    [Fact]
    public void ReportTokens_Negative_Throws()
    {
        using var rig = new GateRig();
        AdmissionLease lease = rig.Seat();
        Assert.Throws<ArgumentOutOfRangeException>(() => lease.ReportTokens(-1));
    }

    [Fact]
    public async Task ReportTokens_TenantServedMost_GoesLastUnderFairness()
    {
        var policy = new LeastServed();
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = 2 }, policy);
        AdmissionLease greedy = rig.Seat(GateRig.Request(tenant: "greedy"));
        AdmissionLease modest = rig.Seat(GateRig.Request(tenant: "modest"));
        Task<AdmissionLease> second = rig.Wait(GateRig.Request(tenant: "greedy"));
        Task<AdmissionLease> first = rig.Wait(GateRig.Request(tenant: "modest"));

        // Both stand at 20: the counter of the one who came later was lifted to 10. Two per output token decide.
        greedy.ReportTokens(6);
        modest.Dispose();

        Assert.True((await GateRig.Soon(first)).IsAcquired);
        greedy.Dispose();
        Assert.True((await GateRig.Soon(second)).IsAcquired);
    }

    [Fact]
    public async Task RankScore_RankedWhileWaiting_StandsOnTheLease()
    {
        var ranker = new Told();
        using var rig = new GateRig(policy: new KeyedBy((in RequestView request) => request.Phase == RequestPhase.Running || request.IsRanked || request.Priority < 0 ? new(0, request.RankScore is var score && float.IsNaN(score) ? 0 : score) : PriorityKey.Hold), ranker: ranker);
        AdmissionLease held = rig.Seat(GateRig.Request(priority: -1));
        Task<AdmissionLease> longer = rig.Wait(GateRig.Request(text: "long answer"));
        Task<AdmissionLease> shorter = rig.Wait(GateRig.Request(text: "short"));
        await ranker.Answered(2);

        held.Dispose();
        held = await Until(rig, shorter);
        Assert.Equal("short".Length, held.RankScore);
        held.Dispose();
        Assert.Equal("long answer".Length, (await Until(rig, longer)).RankScore);
    }

    [Fact]
    public async Task TargetsFor_Model_SetsWhatIsPromised()
    {
        var promised = new SloTargets(TimeSpan.FromMilliseconds(1), TimeSpan.MaxValue, TimeSpan.MaxValue);
        using var rig = new GateRig(slo: new Always(promised));
        rig.Seat().Complete(FinishReason.Stop);
        Assert.Equal(promised, Assert.Single(rig.Ended).Targets);
        await rig.Gate.DisposeAsync();
    }

    /// <summary>What a ranker has found is read at the next event or, since the policy holds the unranked, by the timer.</summary>
    private static async Task<AdmissionLease> Until(GateRig rig, Task<AdmissionLease> lease)
    {
        for (int i = 0; i < 10_000 && !lease.IsCompleted; i++)
        {
            rig.Advance(5);
            await Task.Yield();
        }

        return await GateRig.Soon(lease);
    }

    private sealed class LeastServed : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            for (int i = 0; i < keys.Length; i++)
                keys[i] = new(0, snapshot.Tenants[snapshot.Requests[i].TenantIndex].ServedCost);
        }
    }

    private sealed class Always(SloTargets targets) : ISloModel
    {
        public SloTargets TargetsFor(InferenceRequest request) => targets;
    }

    private sealed class Told : IRequestRanker
    {
        private readonly SemaphoreSlim _ranked = new(0);

        public async Task Answered(int count)
        {
            for (int i = 0; i < count; i++)
                Assert.True(await _ranked.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
        {
            for (int i = 0; i < requests.Length; i++)
                scores.Span[i] = requests.Span[i].Prompt.Length;
            _ranked.Release(requests.Length);
            return ValueTask.CompletedTask;
        }
    }
}
