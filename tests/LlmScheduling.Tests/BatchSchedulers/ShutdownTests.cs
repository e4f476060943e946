using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.Tests;

public sealed class ShutdownTests
{
    // How long a test that hangs takes to say so.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task StopAccepting_NewRequestsAreRefusedAndOldOnesServed()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 });
        RequestTicket[] before = [rig.Enqueue(output: 2), rig.Enqueue(), rig.Enqueue()];
        rig.Step();
        rig.Scheduler.StopAccepting();
        RequestTicket after = rig.Enqueue();

        Assert.Equal(RequestOutcome.ShutDown, after.Ended());
        int steps = 0;
        while (await rig.Scheduler.WaitForWorkAsync())
            steps += rig.Step() == "none" ? 0 : 1;
        Assert.Equal(3, steps);
        Assert.All(before, ticket => Assert.Equal(RequestOutcome.Completed, ticket.Ended()));
    }

    [Fact]
    public async Task StopAccepting_WhileTheLoopWaits_EndsTheWait()
    {
        using var rig = new EngineRig();
        Task<bool> wait = rig.Scheduler.WaitForWorkAsync().AsTask();
        Assert.False(wait.IsCompleted);
        rig.Scheduler.StopAccepting();

        Assert.False(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task Drain_EverybodyCancelled_WaitsForTheStepInFlight()
    {
        using var rig = new EngineRig(new() { StepsInFlight = 2 });
        rig.Enqueue(output: 9);
        rig.Plan();
        rig.Scheduler.Cancel(new RequestId(0));
        rig.Scheduler.StopAccepting();
        Assert.Equal("~0", rig.Plan());
        Task<bool> wait = rig.Scheduler.WaitForWorkAsync().AsTask();
        Assert.False(wait.IsCompleted);
        rig.Complete();

        Assert.False(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task Drain_ARequestOnItsWay_IsWaitedForAndServed()
    {
        using var clock = new StallingClock();
        using var scheduler = new BatchScheduler(new SchedulingStack("fcfs", new FirstComeFirstServed()), null, new SchedulerServices { TimeProvider = clock });
        Task<RequestTicket> enqueuing = clock.StallIn(() => scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 0 }));
        scheduler.StopAccepting();
        Task<bool> wait = scheduler.WaitForWorkAsync().AsTask();
        Assert.False(wait.IsCompleted);
        clock.GoOn();
        RequestTicket ticket = await enqueuing;

        Assert.True(await wait.WaitAsync(Patience));
        BatchPlan plan = scheduler.PlanStep();
        scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = default, Progress = [new(ticket.Id, 1, 0)] });
        Assert.Equal(RequestOutcome.Completed, ticket.Ended());
        Assert.False(await scheduler.WaitForWorkAsync());
    }

    [Fact]
    public async Task Drain_ARequestOnItsWayIsRefused_EndsTheWait()
    {
        using var clock = new StallingClock();
        using var scheduler = new BatchScheduler(new SchedulingStack("fcfs", new FirstComeFirstServed()), new() { MaxQueuedRequests = 0 }, new SchedulerServices { TimeProvider = clock });
        Task<RequestTicket> enqueuing = clock.StallIn(() => scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 0 }));
        scheduler.StopAccepting();
        Task<bool> wait = scheduler.WaitForWorkAsync().AsTask();
        Assert.False(wait.IsCompleted);
        clock.GoOn();

        Assert.Equal(RequestOutcome.QueueFull, (await enqueuing).Ended());
        Assert.False(await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task Drain_AfterAnEnqueueThatThrew_IsNotHeldUp()
    {
        using var scheduler = new BatchScheduler(new SchedulingStack("fcfs", new FirstComeFirstServed()), null, new SchedulerServices { Slo = new BrokenSlo() });
        Assert.Throws<InvalidOperationException>(() => scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 0 }));
        scheduler.StopAccepting();

        Assert.False(await scheduler.WaitForWorkAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_EndsEveryTicketInAnyState(bool asynchronously)
    {
        var ended = new EndedRequests();
        var rig = new EngineRig(new() { MaxSequences = 1 }, KeyedBy.PriorityBand, observer: ended);
        rig.Enqueue(prompt: 2, output: 9, priority: 5);
        rig.Step();
        rig.Enqueue(output: 9, priority: 1);
        rig.Enqueue(priority: 9);
        Assert.Equal("1:1 -0", rig.Step());
        rig.Enqueue();
        if (asynchronously)
            await rig.Scheduler.DisposeAsync();
        else
            rig.Scheduler.Dispose();

        Assert.Equal(4, ended.All.Count);
        Assert.All(ended.All, request => Assert.Equal(RequestOutcome.ShutDown, request.Outcome));
        Assert.Equal(RequestOutcome.ShutDown, rig.Enqueue().Ended());

        // Only the one that runs holds KV.
        Assert.Equal("~1", rig.Plan());
        Assert.False(await rig.Scheduler.WaitForWorkAsync());
        rig.Dispose();
        await rig.Scheduler.DisposeAsync();
        Assert.Equal(4, ended.All.Count);
    }

    [Fact]
    public async Task Dispose_WhileAStepRuns_ItsReportIsIgnored()
    {
        var rig = new EngineRig(new() { StepsInFlight = 2 });
        RequestTicket ticket = rig.Enqueue(output: 9);
        rig.Plan();
        rig.Plan();
        rig.Dispose();
        Assert.Equal(RequestOutcome.ShutDown, ticket.Ended());
        rig.CompleteAll();
        rig.Scheduler.CompleteStep(new StepResult { Step = 77, Duration = default, Progress = [] });

        Assert.Equal("~0", rig.Plan());
        Assert.False(await rig.Scheduler.WaitForWorkAsync());
    }

    [Fact]
    public async Task Dispose_WhileThePolicyRuns_DoesNotWaitForIt()
    {
        using var policy = new Gate();
        using var rig = new EngineRig(policy: policy);
        RequestTicket ticket = rig.Enqueue(prompt: 3, output: 2);
        Task<string> planning = policy.EnterOnAnotherThread(() => rig.Plan());
        rig.Scheduler.Dispose();
        Assert.Null(ticket.Ended());
        policy.Open();

        Assert.Equal("0:3", await planning);
        Assert.Equal(RequestOutcome.ShutDown, ticket.Ended());
        rig.Complete();
        Assert.Equal("~0", rig.Plan());
    }

    [Fact]
    public async Task Dispose_WhileTheLoopWaits_EndsTheWait()
    {
        using var rig = new EngineRig(policy: new KeyedBy((in RequestView _) => PriorityKey.Hold));
        rig.Enqueue();
        rig.Plan();
        Task<bool> wait = Task.Run(async () =>
        {
            while (await rig.Scheduler.WaitForWorkAsync())
                rig.Plan();
            return false;
        });
        rig.Scheduler.Dispose();

        Assert.False(await wait.WaitAsync(Patience));
    }

    [Fact]
    public void Dispose_InsideAnObserver_EndsEverythingOnce()
    {
        EngineRig? rig = null;
        var observer = new OnEnd(_ => rig!.Scheduler.Dispose());
        rig = new EngineRig(new() { MaxSequences = 1 }, observer: observer);
        RequestTicket[] tickets = [rig.Enqueue(), rig.Enqueue(), rig.Enqueue()];
        rig.Step();

        Assert.Equal([RequestOutcome.Completed, RequestOutcome.ShutDown, RequestOutcome.ShutDown], tickets.Select(Tickets.Ended));
        Assert.Equal(3, observer.Calls);
    }

    [Fact]
    public void ObserverThatCallsTheEngineWhileItIsTakenDown_IsAFaultNotAHang()
    {
        EngineRig? rig = null;
        rig = new EngineRig(observer: new OnEnd(_ => rig!.Scheduler.PlanStep()));
        RequestTicket ticket = rig.Enqueue();
        rig.Plan();
        rig.Dispose();

        Assert.Equal(RequestOutcome.ShutDown, ticket.Ended());
        Assert.Equal(1, rig.Scheduler.ObserverFaults);
    }

    [Fact]
    public void Dispose_FromManyThreadsBesideEverything_EndsEveryTicketOnce()
    {
        for (int round = 0; round < 200; round++)
        {
            var rig = new EngineRig(new() { MaxSequences = 2, StepsInFlight = 2 });
            using var start = new ManualResetEventSlim();
            var tickets = new RequestTicket[2][];
            Thread[] threads =
            [
                .. Enumerable.Range(0, 2).Select(producer => new Thread(() =>
                {
                    start.Wait();
                    tickets[producer] = [.. Enumerable.Range(0, 20).Select(_ => rig.Scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 0 }))];
                })),
                .. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
                {
                    start.Wait();
                    rig.Dispose();
                })),
                new Thread(() => Serve(rig.Scheduler)),
            ];
            Array.ForEach(threads, thread => thread.Start());
            start.Set();
            Assert.All(threads, thread => Assert.True(thread.Join(Patience), "A thread hangs."));

            Assert.All(tickets.SelectMany(each => each), ticket => Assert.NotNull(ticket.Ended()));
            Assert.Equal(0, rig.Scheduler.LiveCount);
        }
    }

    [Fact]
    public async Task Dispose_ARankerThrowsWhenCancelled_IsLoggedAndEndsTheWait()
    {
        using var ranker = new ThrowsWhenCancelled();
        var logged = new ConcurrentQueue<Exception>();
        using var logs = new LoggerFactory([new ExceptionLog(logged)]);
        var scheduler = new BatchScheduler(new SchedulingStack("held", new KeyedBy((in RequestView _) => PriorityKey.Hold)), null, new SchedulerServices { Ranker = ranker, LoggerFactory = logs });
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 0, Prompt = "a story".AsMemory() });
        scheduler.PlanStep();
        Assert.True(ranker.IsAsked.Wait(Patience, TestContext.Current.CancellationToken));
        Task<bool> wait = Task.Run(async () =>
        {
            while (await scheduler.WaitForWorkAsync())
                scheduler.PlanStep();
            return false;
        });
        scheduler.Dispose();

        Assert.False(await wait.WaitAsync(Patience));
        Assert.Equal("cannot stop", Assert.Single(Assert.IsType<AggregateException>(Assert.Single(logged)).InnerExceptions).Message);
    }

    [Fact]
    public void Dispose_AnAnnealerThrowsWhenCancelled_IsLogged()
    {
        using var annealer = new ThrowsWhenCancelled();
        var logged = new ConcurrentQueue<Exception>();
        using var logs = new LoggerFactory([new ExceptionLog(logged)]);
        var scheduler = new BatchScheduler(new SchedulingStack("fcfs", new FirstComeFirstServed()), new() { MaxSequences = 1 }, new SchedulerServices { Annealer = annealer, LoggerFactory = logs });
        for (int i = 0; i < 3; i++)
            scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 9 });
        scheduler.PlanStep();
        Assert.True(annealer.IsAsked.Wait(Patience, TestContext.Current.CancellationToken));
        scheduler.Dispose();

        Assert.Equal("cannot stop", Assert.Single(Assert.IsType<AggregateException>(Assert.Single(logged)).InnerExceptions).Message);
    }

    private static void Serve(BatchScheduler scheduler)
    {
        while (scheduler.WaitForWorkAsync().AsTask().GetAwaiter().GetResult())
        {
            BatchPlan plan = scheduler.PlanStep();
            if (plan.IsEmpty)
                continue;
            RequestProgress[] progress = [.. plan.Work.ToArray().Select(work => new RequestProgress(work.Id, 1, 0))];
            scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = default, Progress = progress });
        }
    }

    /// <summary>A ranker and annealer that works until it is cancelled, and then throws at who cancels it.</summary>
    private sealed class ThrowsWhenCancelled : IRequestRanker, IQueueAnnealer, IDisposable
    {
        private readonly ManualResetEventSlim _isOver = new();

        public ManualResetEventSlim IsAsked { get; } = new();

        public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
        {
            Work(cancellationToken);
            return ValueTask.CompletedTask;
        }

        public void Plan(in SchedulingSnapshot snapshot, Span<int> positions, CancellationToken cancellationToken = default) => Work(cancellationToken);

        public void Dispose() => _isOver.Set();

        private void Work(CancellationToken cancellationToken)
        {
            cancellationToken.Register(static () => throw new InvalidOperationException("cannot stop"));
            IsAsked.Set();
            _isOver.Wait(CancellationToken.None);
        }
    }

    private sealed class ExceptionLog(ConcurrentQueue<Exception> logged) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null)
                logged.Enqueue(exception);
        }

        public void Dispose()
        {
        }
    }

    private sealed class BrokenSlo : ISloModel
    {
        public SloTargets TargetsFor(InferenceRequest request) => throw new InvalidOperationException("no targets");
    }

    private sealed class OnEnd(Action<EndedRequest> act) : ISchedulingObserver
    {
        public int Calls { get; private set; }

        public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
        {
        }

        public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
        {
        }

        public void OnRequestEnded(in EndedRequest request)
        {
            Calls++;
            act(request);
        }
    }
}
