namespace LlmScheduling.Tests;

public sealed class ClassTableTests
{
    [Fact]
    public void TrafficClass_BeyondTheBound_TheIdleOneThatCameLongestAgoLeaves()
    {
        var lengths = new LengthStatistics();
        int first = lengths.Enter("first"), second = lengths.Enter("second");
        lengths.Observe(first, 100);
        lengths.Observe(second, 200);
        lengths.Leave(second);
        for (int i = 2; i < LengthStatistics.MaxClasses; i++)
            lengths.Leave(lengths.Enter($"other {i}"));

        int late = lengths.Enter("late");
        Assert.Equal(second, late);
        Assert.False(lengths.EstimateFor(late).IsKnown);
        Assert.Equal(100, lengths.EstimateFor(lengths.Enter("first")).Median, 0.01);
        Assert.NotEqual(second, lengths.Enter("second"));
    }

    [Fact]
    public void TrafficClass_BeyondTheBoundWithNobodyIdle_SharesAnAccount()
    {
        var lengths = new LengthStatistics();
        for (int i = 0; i < LengthStatistics.MaxClasses; i++)
            Assert.Equal(i, lengths.Enter($"class {i}"));

        Assert.InRange(lengths.Enter("late"), 0, LengthStatistics.MaxClasses - 1);
        lengths.Leave(7);
        Assert.Equal(7, lengths.Enter("later"));
    }

    [Fact]
    public void Tenants_FromAThousandClients_StayBoundedAndEveryRequestIsServed()
    {
        int most = 0;
        var seen = new TenantsSeen(count => most = Math.Max(most, count));
        using var rig = new EngineRig(new() { MaxTrackedTenants = 8, MaxSequences = 4 }, observer: seen);
        RequestTicket[] tickets = new RequestTicket[1_000];
        for (int i = 0; i < tickets.Length; i++)
        {
            tickets[i] = rig.Enqueue(tenant: $"tenant {i}");
            if (i % 3 == 0)
                rig.Step();
        }

        while (rig.Step() != "none")
        {
        }

        Assert.Equal(8, most);
        Assert.All(tickets, ticket => Assert.Equal(RequestOutcome.Completed, ticket.Ended()));
    }

    private sealed class TenantsSeen(Action<int> count) : ISchedulingObserver
    {
        public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan) => count(snapshot.Tenants.Length);

        public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
        {
        }

        public void OnRequestEnded(in EndedRequest request)
        {
        }
    }
}
