using System.Runtime.CompilerServices;

namespace LlmScheduling.SoakTests;

public sealed class BatchSchedulerSoakTests
{
    private const int Producers = 64, RequestsEach = 4_000;

    private const int StepsPerRanking = 20;

    // How long a soak that hangs takes to say so.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1, KvReservation.OnDemand, QueueFullAction.Reject)]
    [InlineData(2, KvReservation.OnDemand, QueueFullAction.Reject)]
    [InlineData(1, KvReservation.WholePrompt, QueueFullAction.Displace)]
    public void ManyThreadsAndEveryFault_EveryRequestEndsOnceAndNothingIsLeft(int stepsInFlight, KvReservation reservation, QueueFullAction queueFull)
    {
        BatchSchedulerOptions options = Options(stepsInFlight, reservation, queueFull);
        var ranker = new StallingRanker();
        var observer = new ThrowingObserver(Producers * RequestsEach);
        SchedulingStack[] stacks = Stacks();
        using var scheduler = new BatchScheduler(stacks[0], options, new SchedulerServices { Ranker = ranker, Observers = [observer], VictimPolicy = new FaultyPolicy() });

        var engine = new SoakEngine(scheduler, options, ranker, StepsPerRanking) { OnStep = step => LetTheQueueFill(scheduler, options, step) };
        (int[] outcomes, List<WeakReference> sample) = Run(scheduler, engine, stacks, RequestsEach);

        Assert.Equal(Producers * RequestsEach, outcomes.Sum());
        Assert.Equal(0, outcomes[(int)RequestOutcome.ShutDown]);
        Assert.False(observer.AnyTwice);

        // Whoever came through the door was seen to end; two of the outcomes are also given at the door.
        foreach (RequestOutcome outcome in Enum.GetValues<RequestOutcome>())
        {
            bool isAlsoGivenAtTheDoor = outcome is RequestOutcome.QueueFull or RequestOutcome.TimedOutInQueue;
            Assert.InRange(observer.Ends(outcome), isAlsoGivenAtTheDoor ? 0 : outcomes[(int)outcome], outcomes[(int)outcome]);
        }

        Assert.Equal(queueFull == QueueFullAction.Displace, outcomes[(int)RequestOutcome.Displaced] > 20);
        Assert.All(
            new[] { RequestOutcome.Completed, RequestOutcome.QueueFull, RequestOutcome.Unattainable, RequestOutcome.TimedOutInQueue, RequestOutcome.Cancelled, RequestOutcome.Failed },
            outcome => Assert.True(outcomes[(int)outcome] > 20, $"{outcome} came {outcomes[(int)outcome]} times: the soak is too tame."));
        Assert.True(engine.Preemptions > 100 && engine.PolicyFaults > 100 && scheduler.ObserverFaults > 1_000 && ranker.Calls > 10, "The soak is too tame.");

        HoldsNothing(scheduler);
        Assert.Equal(0, Alive(sample));
        GC.KeepAlive(scheduler);
    }

    [Fact]
    public void DisposedInTheMiddleByTwoThreads_EveryRequestEndsOnceAndNothingIsLeft()
    {
        const int each = 300;
        BatchSchedulerOptions options = Options(stepsInFlight: 2, KvReservation.OnDemand, QueueFullAction.Reject);
        var ranker = new StallingRanker();
        var observer = new ThrowingObserver(Producers * each);
        SchedulingStack[] stacks = Stacks();
        using var scheduler = new BatchScheduler(stacks[0], options, new SchedulerServices { Ranker = ranker, Observers = [observer] });
        Thread[] ends = [new(scheduler.Dispose), new(scheduler.Dispose)];
        var engine = new SoakEngine(scheduler, options, ranker, StepsPerRanking)
        {
            OnStep = step =>
            {
                if (step == 200)
                    Array.ForEach(ends, thread => thread.Start());
            },
        };

        (int[] outcomes, _) = Run(scheduler, engine, stacks, each);

        Assert.All(ends, thread => Assert.True(thread.Join(Patience)));
        Assert.Equal(Producers * each, outcomes.Sum());
        Assert.True(outcomes[(int)RequestOutcome.Completed] > 0 && outcomes[(int)RequestOutcome.ShutDown] > Producers);
        Assert.False(observer.AnyTwice);
        HoldsNothing(scheduler);
    }

    /// <summary>Every so often the engine dawdles until the queue is full, however slow the machine makes the producers.</summary>
    private static void LetTheQueueFill(BatchScheduler scheduler, BatchSchedulerOptions options, long step)
    {
        for (int i = 0; step % 100 == 0 && i < 10_000 && scheduler.Queued.Requests < options.MaxQueuedRequests; i++)
            Thread.Yield();
    }

    private static void HoldsNothing(BatchScheduler scheduler) =>
        Assert.Equal((0, 0, 0L, (0, 0L), (0, 0)), (scheduler.LiveCount, scheduler.RunningCount, scheduler.HeldKvBlocks, scheduler.Queued, scheduler.Active));

    private static BatchSchedulerOptions Options(int stepsInFlight, KvReservation reservation, QueueFullAction queueFull) => new()
    {
        MaxSequences = 32,
        MaxBatchTokens = 256,
        StepsInFlight = stepsInFlight,
        KvTotalBlocks = 160,
        KvBlockTokens = 4,
        KvReservation = reservation,
        MaxQueuedRequests = 200,
        QueueFull = queueFull,
        MaxTrackedTenants = 100,
    };

    private static SchedulingStack[] Stacks() =>
    [
        new("faulty", new FaultyPolicy()),
        new("fcfs", new FirstComeFirstServed()) { Allocation = new() { LookAheadRequests = 3 } },
        new("faulty by key", new FaultyPolicy()) { Allocation = new() { PrefillOrder = PrefillOrder.ByKey, PrefillShareOfTpot = 0.9, DecodeShareOfTpot = 0.85, ReservedSeatShare = 0.2 } },
    ];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (int[] Outcomes, List<WeakReference> Sample) Run(BatchScheduler scheduler, SoakEngine engine, SchedulingStack[] stacks, int requestsEach)
    {
        Thread engineThread = engine.Start();
        SoakProducer[] producers = [.. Enumerable.Range(0, Producers).Select(seed => new SoakProducer(scheduler, stacks, seed, requestsEach, () => engine.ThreadId))];
        Thread[] threads = [.. producers.Select(producer => producer.Start())];
        Assert.All(threads, thread => Assert.True(thread.Join(Patience), $"A producer waits for an outcome that does not come. {engine.Failure}"));
        scheduler.StopAccepting();
        Assert.True(engineThread.Join(Patience), "The engine's thread waits although everything has ended.");

        Assert.Null(engine.Failure);
        Assert.All(producers, producer => Assert.Null(producer.Failure));
        Assert.All(producers, producer => Assert.Equal(0, producer.OnEngineThread));
        return ([.. Enumerable.Range(0, producers[0].Outcomes.Count).Select(outcome => producers.Sum(producer => producer.Outcomes[outcome]))], [.. producers.SelectMany(producer => producer.Sample)]);
    }

    /// <summary>How many of a sample of requests the collector cannot free.</summary>
    private static int Alive(List<WeakReference> sample)
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.NotEmpty(sample);
        return sample.Count(request => request.IsAlive);
    }
}
