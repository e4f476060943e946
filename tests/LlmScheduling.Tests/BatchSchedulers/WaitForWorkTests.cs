namespace LlmScheduling.Tests;

public sealed class WaitForWorkTests
{
    // How long a test that hangs takes to say so.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FiveMilliseconds = TimeSpan.FromMilliseconds(5);

    private static readonly KeyedBy HoldAll = new((in RequestView _) => PriorityKey.Hold);

    [Fact]
    public async Task NothingThere_WaitsForAnArrival()
    {
        using var rig = new EngineRig();
        Task<bool> wait = Wait(rig);
        Assert.False(wait.IsCompleted);
        rig.Clock.Advance(TimeSpan.FromHours(1));
        Assert.False(wait.IsCompleted);
        rig.Enqueue();

        Assert.True(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task SomethingThere_ReturnsAtOnce()
    {
        using var rig = new EngineRig();
        rig.Enqueue(output: 2);
        Assert.True(await Wait(rig));
        rig.Step();

        Assert.True(Wait(rig).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task AfterAnEmptyPlan_WaitsFiveMilliseconds()
    {
        using EngineRig rig = Holding();
        Task<bool> wait = Wait(rig);
        rig.Clock.Advance(FiveMilliseconds - TimeSpan.FromTicks(1));
        Assert.False(wait.IsCompleted);
        rig.Clock.Advance(TimeSpan.FromTicks(1));

        Assert.True(await wait.WaitAsync(Patience));
        Assert.Equal("none", rig.Plan());
        Assert.False(Wait(rig).IsCompleted);
    }

    [Fact]
    public async Task AfterAnEmptyPlan_TheNearestTimeoutWakes()
    {
        using EngineRig rig = Holding();
        RequestTicket ticket = rig.Enqueue(timeout: TimeSpan.FromMilliseconds(2));
        rig.Enqueue(timeout: TimeSpan.FromMilliseconds(4));
        Assert.Equal("none", rig.Plan());
        Task<bool> wait = await WaitFor(rig);
        rig.Clock.Advance(TimeSpan.FromMilliseconds(2));

        Assert.True(await wait.WaitAsync(Patience));
        Assert.Equal("none", rig.Plan());
        Assert.Equal(RequestOutcome.TimedOutInQueue, ticket.Ended());
    }

    [Fact]
    public async Task AfterAnEmptyPlan_AnArrivalWakes()
    {
        using EngineRig rig = Holding();
        Task<bool> wait = Wait(rig);
        rig.Enqueue();

        Assert.True(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task AfterAnEmptyPlan_ACancelWakes()
    {
        using EngineRig rig = Holding();
        Task<bool> wait = Wait(rig);
        rig.Scheduler.Cancel(new RequestId(0));

        Assert.True(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task AfterAnEmptyPlan_AnotherStackWakes()
    {
        using EngineRig rig = Holding();
        Task<bool> wait = Wait(rig);
        rig.Scheduler.Stack = new SchedulingStack("fcfs", new FirstComeFirstServed());

        Assert.True(await wait.WaitAsync(Patience));
        Assert.Equal("0:1", rig.Plan());
    }

    [Fact]
    public async Task AllStepsInFlight_ACompletedStepWakes()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2 });
        rig.Enqueue(output: 9);
        rig.Plan();
        rig.Plan();
        Task<bool> wait = await WaitFor(rig);
        rig.Enqueue();
        rig.Clock.Advance(TimeSpan.FromHours(1));
        Assert.False(wait.IsCompleted);
        rig.Complete();

        Assert.True(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task EverythingInFlight_ACompletedStepWakes()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2 });
        rig.Enqueue(output: 1);
        rig.Enqueue(output: 2);
        rig.Plan();
        Assert.Equal("1:1", rig.Plan());
        rig.Complete();
        Assert.Equal("none", rig.Plan());
        Task<bool> wait = await WaitFor(rig);
        rig.Complete();
        rig.Enqueue();

        Assert.True(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task EverybodyEndedWhileAStepIsInFlight_AnEmptyPlanLetsTheLoopCompleteIt()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2 });
        RequestTicket ticket = rig.Enqueue(output: 9);
        rig.Plan();
        rig.Plan();
        rig.CompleteWith(new RequestProgress(ticket.Id, 1, 1, FinishReason.Stop));
        rig.Scheduler.StopAccepting();

        Assert.True(await Wait(rig).WaitAsync(Patience));
        Assert.Equal("none", rig.Plan());
        Task<bool> wait = Wait(rig);
        Assert.False(wait.IsCompleted);
        rig.Complete();
        Assert.False(await wait.WaitAsync(Patience));
    }

    [Fact]
    public void EmptyPlans_HaveSeedsOfTheirOwn()
    {
        var seeds = new HashSet<ulong>();
        using var rig = new EngineRig(policy: new SeedReader(seeds));
        rig.Enqueue();
        Assert.All(rig.Steps(20), plan => Assert.Equal("none", plan));

        // A policy that holds by chance holds nobody for ever.
        Assert.Equal(20, seeds.Count);
    }

    [Fact]
    public async Task StepCompletedBesideTheWait_NeverThrows()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2, MaxSequences = 1 });
        rig.Enqueue(output: int.MaxValue);
        rig.Plan();
        rig.Plan();
        for (int i = 0; i < 500; i++)
        {
            Task<bool> wait = Wait(rig);
            var arrivals = new Thread(() => rig.Scheduler.Cancel(new RequestId(-1)));
            arrivals.Start();
            rig.Complete();
            arrivals.Join();
            Assert.True(await wait.WaitAsync(Patience));
            rig.Plan();
        }
    }

    [Fact]
    public async Task Released_IsSomethingToPlan()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2 });
        rig.Enqueue(output: 9);
        rig.Step();
        rig.Scheduler.Dispose();

        Assert.True(await Wait(rig));
        Assert.Equal("~0", rig.Plan());
        Assert.False(await Wait(rig));
    }

    [Fact]
    public async Task Cancelled_ThrowsAndTheNextWaitWorks()
    {
        using var rig = new EngineRig();
        using var cancel = new CancellationTokenSource();
        Task<bool> wait = rig.Scheduler.WaitForWorkAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Task<bool> again = Wait(rig);
        Assert.False(again.IsCompleted);
        rig.Enqueue();

        Assert.True(await again.WaitAsync(Patience));
    }

    [Fact]
    public async Task CancelledBefore_ThrowsAtOnce()
    {
        using var rig = new EngineRig();
        rig.Enqueue();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await rig.Scheduler.WaitForWorkAsync(new CancellationToken(canceled: true)));
        Assert.True(await Wait(rig));
    }

    [Fact]
    public async Task Wakes_FromManyThreads_AreNeverLost()
    {
        const int arrivals = 20_000;
        using var rig = new EngineRig(new() { MaxQueuedRequests = arrivals });
        Task producers = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < arrivals / 2; i++)
                rig.Scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 0 });
        })));
        var engine = new Thread(() =>
        {
            int served = 0;
            while (served < arrivals && rig.Scheduler.WaitForWorkAsync().AsTask().GetAwaiter().GetResult())
            {
                BatchPlan plan = rig.Scheduler.PlanStep();
                if (plan.IsEmpty)
                    continue;
                served += plan.Work.Length;
                RequestProgress[] progress = [.. plan.Work.ToArray().Select(work => new RequestProgress(work.Id, 1, 0))];
                rig.Scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = default, Progress = progress });
            }
        });
        engine.Start();
        await producers;

        Assert.True(engine.Join(Patience), "The loop waits although requests wait.");
    }

    private sealed class SeedReader(HashSet<ulong> seeds) : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            seeds.Add(snapshot.Seed);
            keys.Fill(PriorityKey.Hold);
        }
    }

    private static Task<bool> Wait(EngineRig rig) => rig.Scheduler.WaitForWorkAsync().AsTask();

    /// <summary>A wait that has used up the wake-up that an earlier arrival left behind.</summary>
    private static async Task<Task<bool>> WaitFor(EngineRig rig)
    {
        Task<bool> wait = Wait(rig);
        while (wait.IsCompletedSuccessfully && await wait)
        {
            rig.Plan();
            wait = Wait(rig);
        }

        return wait;
    }

    /// <summary>One request that the policy holds, after an empty plan, with no wake-up left behind.</summary>
    private static EngineRig Holding()
    {
        var rig = new EngineRig(policy: HoldAll);
        rig.Enqueue();
        Assert.True(Wait(rig).IsCompletedSuccessfully);
        Assert.Equal("none", rig.Plan());
        Assert.True(Wait(rig).IsCompletedSuccessfully);
        Assert.Equal("none", rig.Plan());
        return rig;
    }
}
