namespace LlmScheduling.Tests.Admission;

public sealed class RankerSwapTests
{
    [Fact]
    public async Task Decide_AfterARankerTookAnothersPlace_ReadsAllItsScoresAtOnce()
    {
        using var rig = new GateRig(policy: new ShortestRankedFirst());
        AdmissionLease held = rig.Seat();
        Task<AdmissionLease>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => rig.Wait())];
        for (int i = 0; i < 3; i++)
            rig.Gate.Post(InboxMessage.Ranked(new RequestId(1 + i), 1 + i, new LengthEstimate(10, 1)));
        rig.Gate.Post(InboxMessage.Reranked([InboxMessage.RankedAnew(new RequestId(1), 3, default), InboxMessage.RankedAnew(new RequestId(2), 2, default), InboxMessage.RankedAnew(new RequestId(3), 1, default)]));
        held.Dispose();

        AdmissionLease first = await GateRig.Soon(waiting[2]);
        Assert.Equal(1, first.RankScore);
        Assert.False(waiting[0].IsCompleted || waiting[1].IsCompleted);
        first.Dispose();
        Assert.True((await GateRig.Soon(waiting[1])).IsAcquired);
    }
}
