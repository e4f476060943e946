namespace LlmScheduling.Tests.Policies.Decorators;

public sealed class StarvationBoundTests
{
    // At 100 s: 0, 1 and 2 have waited longer than a minute, the others have not; shorter prompts have larger ids.
    private static readonly PolicyCase Case = PolicyCase.Of(
        View(0, 10, 60), View(1, 20, 50), View(2, 30, 40), View(3, 50, 30), View(4, 60, 20), View(5, 70, 10));

    private static readonly ISchedulingPolicy Bounded = new ShortestPromptFirst().WithStarvationBound(TimeSpan.FromMinutes(1));

    [Fact]
    public void Prioritize_EvenAdmission_TakesTheInnerOrdersFirstThenTheOldest() => Assert.Equal([5, 0, 4, 1, 3, 2], Case.Order(Bounded));

    [Fact]
    public void Prioritize_OddAdmission_TakesTheOldestFirst() => Assert.Equal([0, 5, 1, 4, 2, 3], (Case with { Admissions = 7 }).Order(Bounded));

    [Fact]
    public void Prioritize_OverdueRequestsAndThoseBeforeThem_StandInTiersBelowZero()
    {
        PriorityKey[] keys = (Case with { Admissions = 7 }).Keys(Bounded);
        Assert.Equal([-5, -3, -1, 0, -2, -4], keys.Select(key => key.Tier));
    }

    [Fact]
    public void Prioritize_NobodyOverdue_LeavesTheKeysAlone()
    {
        ISchedulingPolicy patient = new ShortestPromptFirst().WithStarvationBound(TimeSpan.FromSeconds(90));
        Assert.Equal(Case.Keys(new ShortestPromptFirst()), Case.Keys(patient));
    }

    [Fact]
    public void Prioritize_InnerPromotions_StayBelowZero()
    {
        var promotesLong = new KeyedBy((in RequestView request) => new PriorityKey(request.PromptTokens > 25 ? -1 : 0, 0, -request.PromptTokens));
        PriorityKey[] keys = Case.Keys(promotesLong.WithStarvationBound(TimeSpan.FromSeconds(85)));
        Assert.Equal([-4, -3, -2, -1, 0, 1], keys.Select(key => key.Tier));
    }

    [Fact]
    public void Prioritize_SpareRequests_StaySpareUntilTheyAreOverdue()
    {
        var spare = new KeyedBy((in RequestView request) => request.PromptTokens is 60 or 10 ? PriorityKey.Spare(3) : new(0, request.PromptTokens));
        PriorityKey[] keys = Case.Keys(spare.WithStarvationBound(TimeSpan.FromMinutes(1)));
        Assert.Equal(PriorityKey.Spare(3), keys[5]);
        Assert.True(keys[0].Tier < 0);
    }

    [Fact]
    public void Constructor_NegativeWait_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FirstComeFirstServed().WithStarvationBound(TimeSpan.FromTicks(-1)));

    // The bound of the documentation, on the real scheduler: seats and tokens for several admissions per step, a flood of
    // requests that the inner policy prefers, and look-ahead that would pass whoever does not fit.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 4)]
    [InlineData(5, 4)]
    public void OnTheScheduler_UnderAFlood_AdmitsAnOverdueRequestWithinItsBound(int seats, int lookAhead)
    {
        const int old = 6;
        TimeSpan maxWait = 10 * EngineRig.StepTime;
        using var rig = new EngineRig(
            new BatchSchedulerOptions { MaxSequences = seats, MaxBatchTokens = 64, KvBlockTokens = 16, KvTotalBlocks = 40, KvReservation = KvReservation.WholeContext },
            new ShortestPromptFirst().WithStarvationBound(maxWait),
            new TokenAllocation { LookAheadRequests = lookAhead });
        var admitted = new List<long>();
        int[] overdueAt = new int[old];
        for (int flood = 0; flood < seats; flood++)
            rig.Enqueue(prompt: 1, output: 3);
        for (int request = 0; request < old; request++)
            rig.Enqueue(prompt: 50, output: 60 + request);

        for (int step = 0; step < 400; step++)
        {
            for (int flood = 0; flood < seats; flood++)
                rig.Enqueue(prompt: 1, output: 3);
            if (step == 11)
                Array.Fill(overdueAt, admitted.Count);
            rig.Step();
            foreach (PlannedWork work in rig.Work)
            {
                if (!admitted.Contains(work.Id.Sequence))
                    admitted.Add(work.Id.Sequence);
            }
        }

        for (int request = 0; request < old; request++)
        {
            int place = admitted.IndexOf(seats + request);
            Assert.InRange(place, overdueAt[request], overdueAt[request] + 2 * (request + 1) - 1);
        }
    }

    [Fact]
    public void OnTheScheduler_WithoutTheBound_TheFloodStarvesThem()
    {
        using var rig = new EngineRig(new BatchSchedulerOptions { MaxSequences = 1, MaxBatchTokens = 64 }, new ShortestPromptFirst());
        rig.Enqueue(prompt: 1, output: 3);
        RequestTicket starved = rig.Enqueue(prompt: 50, output: 60);
        for (int step = 0; step < 400; step++)
        {
            rig.Enqueue(prompt: 1, output: 3);
            Assert.False(rig.Step().StartsWith($"{starved.Id.Sequence}:", StringComparison.Ordinal));
        }
    }

    private static RequestView View(long id, double arrivedAt, int prompt) => PolicyCase.View(id, arrivedAt, prompt);
}
