namespace LlmScheduling.Tests;

public sealed class StepReportTests
{
    [Fact]
    public void CompleteStep_PartialProgress_IsGrantedTheRestNext()
    {
        using var rig = new EngineRig();
        RequestTicket ticket = rig.Enqueue(prompt: 10, output: 2);
        Assert.Equal("0:10", rig.Plan());
        rig.CompleteWith(new RequestProgress(ticket.Id, 4, 0));
        Assert.Equal("0:6", rig.Plan());
        rig.CompleteWith(new RequestProgress(ticket.Id, 6, 1));

        Assert.Equal("0:1", rig.Plan());
    }

    [Fact]
    public void CompleteStep_WithoutProgress_NothingHappened()
    {
        using var rig = new EngineRig(new() { KvTotalBlocks = 8 });
        RequestTicket ticket = rig.Enqueue(prompt: 10, output: 2);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("0:10", rig.Plan());
            rig.CompleteWith();
        }

        Assert.Null(ticket.Ended());
    }

    [Fact]
    public void CompleteStep_InAnyOrder_FindsEachRequest()
    {
        using var rig = new EngineRig();
        RequestTicket[] tickets = [.. Enumerable.Range(0, 5).Select(_ => rig.Enqueue(prompt: 2))];
        rig.Plan();
        rig.CompleteWith([.. tickets.Reverse().Select(ticket => new RequestProgress(ticket.Id, 2, 1))]);

        Assert.All(tickets, ticket => Assert.Equal(RequestOutcome.Completed, ticket.Ended()));
    }

    [Theory]
    [InlineData(0, -1, 0, FinishReason.None, "negative")]
    [InlineData(0, 0, -1, FinishReason.None, "negative")]
    [InlineData(0, int.MinValue, int.MinValue, FinishReason.None, "negative")]
    [InlineData(0, 11, 0, FinishReason.None, "computes 11 tokens; 10 were left")]
    [InlineData(0, int.MaxValue, 0, FinishReason.None, "10 were left")]
    [InlineData(0, 10, 0, FinishReason.None, "computes the 10 tokens that were left and emits none")]
    [InlineData(0, 9, 1, FinishReason.None, "emits 1 tokens with 9 computed; 10 come first")]
    [InlineData(0, 14, 5, FinishReason.None, "emits 5 tokens; its limit leaves 4")]
    [InlineData(0, int.MaxValue, int.MaxValue, FinishReason.None, "2147483647")]
    [InlineData(0, 10, 1, (FinishReason)9, "unknown reason")]
    [InlineData(1, 1, 1, FinishReason.None, "not in the plan")]
    [InlineData(5, 1, 1, FinishReason.None, "not in the plan")]
    [InlineData(2, 1, 0, FinishReason.None, "given twice")]
    public void CompleteStep_ImpossibleProgress_ThrowsAndChangesNothing(long id, int computed, int emitted, FinishReason finish, string says) =>
        Transcript.IsUnchangedBy(OneStepPlanned, rig =>
        {
            ArgumentException thrown = Assert.Throws<ArgumentException>(() =>
                rig.Scheduler.CompleteStep(new StepResult
                {
                    Step = 1,
                    Duration = EngineRig.StepTime,
                    Progress = [new(new RequestId(2), 3, 1), new(new RequestId(id), computed, emitted, finish)],
                }));
            Assert.Contains(says, thrown.Message);
        });

    [Theory]
    [InlineData(0, 0, "step 1 is the oldest in flight")]
    [InlineData(2, 0, "step 1 is the oldest in flight")]
    [InlineData(-1, 0, "step 1 is the oldest in flight")]
    [InlineData(1, -1, "must not be negative")]
    public void CompleteStep_WrongStepOrDuration_ThrowsAndChangesNothing(long step, long ticks, string says) =>
        Transcript.IsUnchangedBy(OneStepPlanned, rig =>
        {
            ArgumentException thrown = Assert.Throws<ArgumentException>(() =>
                rig.Scheduler.CompleteStep(new StepResult { Step = step, Duration = new TimeSpan(ticks), Progress = [] }));
            Assert.Contains(says, thrown.Message);
        });

    [Fact]
    public void CompleteStep_Twice_ThrowsAndChangesNothing() =>
        Transcript.IsUnchangedBy(OneStepCompleted, rig =>
        {
            ArgumentException thrown = Assert.Throws<ArgumentException>(() =>
                rig.Scheduler.CompleteStep(new StepResult { Step = 1, Duration = default, Progress = [] }));
            Assert.Contains("no step is in flight", thrown.Message);
        });

    [Fact]
    public void PlanStep_BeforeTheStepIsCompleted_ThrowsAndChangesNothing() =>
        Transcript.IsUnchangedBy(OneStepPlanned, rig =>
        {
            InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => rig.Scheduler.PlanStep());
            Assert.Contains("CompleteStep of step 1", thrown.Message);
            Assert.Equal("0:10 2:3", EngineRig.TextOf(rig.Newest));
        });

    [Fact]
    public async Task WaitForWorkAsync_BeforeTheStepIsCompleted_Throws()
    {
        using EngineRig rig = OneStepPlanned(new Transcript());

        InvalidOperationException thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await rig.Scheduler.WaitForWorkAsync());
        Assert.Contains("before the planned step was completed", thrown.Message);
        rig.Complete();
        Assert.Equal("0:1 2:1", rig.Plan());
    }

    [Fact]
    public void PlanStep_NegativeFreeBlocks_ThrowsAndChangesNothing() =>
        Transcript.IsUnchangedBy(OneStepCompleted, rig => Assert.Throws<ArgumentOutOfRangeException>(() => rig.Scheduler.PlanStep(-1)));

    [Fact]
    public void ReportCachedPrefix_Negative_ThrowsAndChangesNothing() =>
        Transcript.IsUnchangedBy(OneStepPlanned, rig => Assert.Throws<ArgumentOutOfRangeException>(() => rig.Scheduler.ReportCachedPrefix(new RequestId(0), -1)));

    /// <summary>Request 0 with 10 and request 2 with 3 prompt tokens are planned, request 1 was cancelled, request 3 waits.</summary>
    private static EngineRig OneStepPlanned(ISchedulingObserver observer)
    {
        var rig = new EngineRig(new() { MaxSequences = 2, KvTotalBlocks = 8 }, observer: observer);
        rig.Enqueue(prompt: 10, output: 4);
        rig.Scheduler.Cancel(rig.Enqueue(prompt: 10, output: 4).Id);
        rig.Enqueue(prompt: 3, output: 2);
        rig.Enqueue(prompt: 3, output: 2);
        Assert.Equal("0:10 2:3", rig.Plan());
        return rig;
    }

    private static EngineRig OneStepCompleted(ISchedulingObserver observer)
    {
        EngineRig rig = OneStepPlanned(observer);
        rig.Complete();
        return rig;
    }
}
