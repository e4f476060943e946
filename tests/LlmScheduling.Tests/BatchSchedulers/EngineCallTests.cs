namespace LlmScheduling.Tests;

public sealed class EngineCallTests
{
    [Fact]
    public async Task PlanStep_WhileAnotherThreadPlans_ThrowsAndChangesNothing()
    {
        using var policy = new Gate();
        using var rig = new EngineRig(policy: policy);
        rig.Enqueue(prompt: 3, output: 2);
        Task<string> planning = policy.EnterOnAnotherThread(() => rig.Plan());

        Assert.Contains("PlanStep was called while PlanStep was running", Assert.Throws<InvalidOperationException>(() => rig.Scheduler.PlanStep()).Message);
        InvalidOperationException completing = Assert.Throws<InvalidOperationException>(() => rig.Scheduler.CompleteStep(new StepResult { Step = 1, Duration = default, Progress = [] }));
        Assert.Contains("CompleteStep was called while PlanStep was running", completing.Message);
        InvalidOperationException waiting = await Assert.ThrowsAsync<InvalidOperationException>(async () => await rig.Scheduler.WaitForWorkAsync());
        Assert.Contains("WaitForWorkAsync was called while PlanStep was running", waiting.Message);

        policy.Open();
        Assert.Equal("0:3", await planning);
        rig.Complete();
        Assert.Equal("0:1", rig.Plan());
    }

    [Fact]
    public async Task PlanStep_WhileSomebodyWaitsForWork_Throws()
    {
        using var rig = new EngineRig();
        Task<bool> wait = rig.Scheduler.WaitForWorkAsync().AsTask();

        Assert.Contains("PlanStep was called while WaitForWorkAsync was running", Assert.Throws<InvalidOperationException>(() => rig.Scheduler.PlanStep()).Message);
        rig.Enqueue();
        Assert.True(await wait);
        Assert.Equal("0:1", rig.Plan());
    }

    [Fact]
    public async Task WaitForWorkAsync_Twice_ThrowsAndTheFirstGoesOn()
    {
        using var rig = new EngineRig();
        Task<bool> wait = rig.Scheduler.WaitForWorkAsync().AsTask();

        InvalidOperationException thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await rig.Scheduler.WaitForWorkAsync());
        Assert.Contains("WaitForWorkAsync was called while WaitForWorkAsync was running", thrown.Message);
        rig.Enqueue();
        Assert.True(await wait);
    }

    [Fact]
    public async Task Loop_ThatMovesBetweenThreads_IsServed()
    {
        using var rig = new EngineRig();
        RequestTicket ticket = rig.Enqueue(prompt: 3, output: 5);
        var threads = new HashSet<int>();
        while (ticket.Ended() is null)
        {
            Assert.True(await rig.Scheduler.WaitForWorkAsync());
            var thread = new Thread(() =>
            {
                rig.Step();
                lock (threads)
                    threads.Add(Environment.CurrentManagedThreadId);
            });
            thread.Start();
            Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
        }

        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
        Assert.True(threads.Count > 1);
    }

    [Fact]
    public void PolicyThatCallsTheEngine_CostsOneStep()
    {
        EngineRig? rig = null;
        using (rig = new EngineRig(policy: new KeyedBy((in RequestView r) =>
        {
            rig!.Scheduler.PlanStep();
            return new(0, 0);
        })))
        {
            rig.Enqueue(prompt: 4);

            Assert.Equal("0:4", rig.Plan());
            Assert.IsType<InvalidOperationException>(rig.Newest.PolicyFault);
        }
    }

    [Fact]
    public void PolicyThatEnqueues_TheRequestComesWithTheNextStep()
    {
        EngineRig? rig = null;
        using (rig = new EngineRig(policy: new KeyedBy((in RequestView r) =>
        {
            if (r.Id.Sequence == 0)
                rig!.Enqueue(prompt: 5);
            return new(0, 0);
        })))
        {
            rig.Enqueue(prompt: 4);

            Assert.Equal("0:4", rig.Step());
            Assert.Equal("1:5", rig.Step());
        }
    }

    [Fact]
    public void Stack_Set_IsUsedFromTheNextStepOnPolicyAndAllocationTogether()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1, KvTotalBlocks = 2, KvReservation = KvReservation.WholeContext }, KeyedBy.Priority);
        rig.Enqueue(prompt: 32, output: 1, priority: 1);
        rig.Enqueue(prompt: 1, output: 1, priority: 2);
        rig.Scheduler.Stack = new SchedulingStack("largest last", new KeyedBy((in RequestView r) => new(0, -r.Priority))) { Allocation = new() { LookAheadRequests = 1 } };

        Assert.Equal(["1:1", "0:32"], rig.Steps(2));
        Assert.Equal(("largest last", 1), (rig.Scheduler.Stack.Name, rig.Scheduler.Stack.Allocation.LookAheadRequests));
    }

    [Fact]
    public void Stack_SetWhileThePolicyRuns_DoesNotMixTwoStacks()
    {
        EngineRig? rig = null;
        var later = new SchedulingStack("later", new KeyedBy((in RequestView r) => new(0, -r.Id.Sequence)));
        using (rig = new EngineRig(new() { MaxSequences = 1 }, new KeyedBy((in RequestView r) =>
        {
            rig!.Scheduler.Stack = later;
            return new(0, r.Id.Sequence);
        })))
        {
            rig.Enqueue();
            rig.Enqueue();
            rig.Enqueue();

            Assert.Equal(["0:1", "2:1", "1:1"], rig.Steps(3));
        }
    }

    [Fact]
    public void Stack_OutOfRange_ThrowsAndTheOldOneStays()
    {
        using var rig = new EngineRig();
        SchedulingStack before = rig.Scheduler.Stack;

        ArgumentException thrown = Assert.ThrowsAny<ArgumentException>(() => rig.Scheduler.Stack = before with { Allocation = new() { MaxOpenPrefills = 0 } });
        Assert.Contains("TokenAllocation.MaxOpenPrefills must be 1 or more", thrown.Message);
        Assert.Throws<ArgumentNullException>(() => rig.Scheduler.Stack = null!);
        Assert.Same(before, rig.Scheduler.Stack);
    }

    [Fact]
    public void ObserverThatThrows_IsCountedAndSkipped()
    {
        using var rig = new EngineRig(observer: new ThrowingObserver());
        RequestTicket ticket = rig.Enqueue();

        Assert.Equal(["0:1", "none"], rig.Steps(2));
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
        Assert.Equal(4, rig.Scheduler.ObserverFaults);
    }

    [Theory]
    [InlineData("MaxSequences", "1 or more")]
    [InlineData("MaxBatchTokens", "1 or more")]
    [InlineData("TokensPerDecode", "1 or more")]
    [InlineData("StepsInFlight", "1 or 2")]
    [InlineData("KvBlockTokens", "1 or more")]
    [InlineData("MaxTrackedTenants", "1 or more")]
    [InlineData("KvTotalBlocks", "1 or more, or null")]
    [InlineData("PrefillChunkTokens", "1 or more, or null")]
    public void Options_OfZero_ThrowNamingPropertyAndRange(string property, string range)
    {
        var options = new BatchSchedulerOptions();
        typeof(BatchSchedulerOptions).GetProperty(property)!.SetValue(options, 0);

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => new EngineRig(options));
        Assert.Equal($"BatchSchedulerOptions.{property} is 0; it must be {range}.", thrown.Message);
    }

    [Fact]
    public void Options_ChangedLater_AreNotRead()
    {
        var options = new BatchSchedulerOptions { MaxSequences = 1 };
        using var rig = new EngineRig(options);
        options.MaxSequences = 9;
        options.TenantWeights["late"] = 5;
        rig.Enqueue(output: 2);
        rig.Enqueue(output: 2);

        Assert.Equal("0:1", rig.Step());
    }

    private sealed class ThrowingObserver : ISchedulingObserver
    {
        public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan) => throw new InvalidOperationException();

        public void OnStepCompleted(in BatchShape shape, TimeSpan duration) => throw new InvalidOperationException();

        public void OnRequestEnded(in EndedRequest request) => throw new InvalidOperationException();
    }
}
