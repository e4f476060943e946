namespace LlmScheduling.Tests.Admission;

public class TokenBudgetTests
{
    private static AdmissionGateOptions Tokens(long most, int seats = 64) => new() { MaxSequences = seats, MaxTokens = most };

    [Fact]
    public async Task AcquireAsync_LargerThanAnyInstance_IsUnservable()
    {
        using var rig = new GateRig(Tokens(100));
        AdmissionLease refused = await rig.Gate.AcquireAsync(GateRig.Request(prompt: 60, output: 41));

        Assert.Equal(RequestOutcome.Unservable, refused.Refusal);
        Assert.Null(refused.RetryAfter);
        rig.Seat(GateRig.Request(prompt: 60, output: 40));
    }

    [Fact]
    public async Task AcquireAsync_TokensSpent_WaitsThoughSeatsAreFree()
    {
        using var rig = new GateRig(Tokens(100));
        AdmissionLease first = rig.Seat(GateRig.Request(prompt: 50, output: 30));
        Task<AdmissionLease> second = rig.Wait(GateRig.Request(prompt: 11, output: 10));
        first.Dispose();
        Assert.True((await GateRig.Soon(second)).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_HeadTooLargeForTheFreeTokens_BlocksSoThatNothingStarvesIt()
    {
        using var rig = new GateRig(Tokens(100));
        Queue<AdmissionLease> small = new(Enumerable.Range(0, 5).Select(_ => rig.Seat(GateRig.Request(prompt: 10, output: 10))));
        InferenceRequest large = GateRig.Request(prompt: 90, output: 10);
        Task<AdmissionLease> head = rig.Wait(large);
        List<Task<AdmissionLease>> behind = [];

        while (small.TryDequeue(out AdmissionLease? lease))
        {
            behind.Add(rig.Wait(GateRig.Request(prompt: 1, output: 1)));
            Assert.True(rig.Gate.TryGetQueuePosition(large, out QueueEstimate estimate));
            Assert.Equal(0, estimate.RequestsAhead);
            lease.Complete(FinishReason.Stop);
        }

        AdmissionLease served = await GateRig.Soon(head);
        Assert.True(served.IsAcquired);
        Assert.DoesNotContain(behind, task => task.IsCompleted);
        served.Dispose();
        foreach (Task<AdmissionLease> task in behind)
            Assert.True((await GateRig.Soon(task)).IsAcquired);
    }

    [Fact]
    public async Task ReportTokens_LengthsLearnt_ShrinkTheExpectation()
    {
        using var rig = new GateRig(Tokens(100));
        for (int i = 0; i < 3; i++)
        {
            AdmissionLease lesson = rig.Seat(GateRig.Request(prompt: 10, output: 90));
            lesson.ReportTokens(15);
            lesson.Complete(FinishReason.Stop);
        }

        // 10 + 15 expected, four times; without what was learnt, one alone would fill the budget.
        AdmissionLease[] together = [.. Enumerable.Range(0, 4).Select(_ => rig.Seat(GateRig.Request(prompt: 10, output: 90)))];
        Task<AdmissionLease> fifth = rig.Wait(GateRig.Request(prompt: 1, output: 1));
        together[2].Complete(FinishReason.Stop);
        Assert.True((await GateRig.Soon(fifth)).IsAcquired);
    }

    [Fact]
    public async Task ReportTokens_BeyondTheExpectation_CountAgainstTheBudget()
    {
        using var rig = new GateRig(Tokens(100));
        AdmissionLease lesson = rig.Seat(GateRig.Request(prompt: 10, output: 90));
        lesson.ReportTokens(10);
        lesson.Complete(FinishReason.Stop);
        AdmissionLease longer = rig.Seat(GateRig.Request(prompt: 10, output: 90));
        rig.Seat(GateRig.Request(prompt: 60, output: 1)).Dispose();

        longer.ReportTokens(31);
        Task<AdmissionLease> waiting = rig.Wait(GateRig.Request(prompt: 59, output: 1));
        longer.Dispose();

        Assert.True((await GateRig.Soon(waiting)).IsAcquired);
    }

    [Fact]
    public void Complete_NothingReported_TeachesNoLength()
    {
        using var rig = new GateRig(Tokens(100));
        rig.Seat(GateRig.Request(prompt: 10, output: 90)).Complete(FinishReason.Stop);
        rig.Seat(GateRig.Request(prompt: 10, output: 90));

        _ = rig.Wait(GateRig.Request(prompt: 1, output: 0));
    }
}
