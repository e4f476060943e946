using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Simulation.Tests.Workloads;

public sealed class WorkloadScalingTests
{
    private static readonly EngineSettings Engine = new() { MaxSequences = 8, MaxBatchTokens = 512, StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(10)) };

    [Theory]
    [InlineData(0.37)]
    [InlineData(5)]
    [InlineData(811)]
    public void AtRate_AnyRate_IsTheMeanRateAndKeepsTheShape(double rate)
    {
        Workload before = Workload.Generate("bursty:3:2:2000"), after = WorkloadScaling.AtRate(before, rate);
        Assert.Equal(1999 / (after.Requests[^1].ArrivedAt - after.Requests[0].ArrivedAt).TotalSeconds, rate, rate * 1e-5);
        double factor = after.Requests[^1].ArrivedAt / before.Requests[^1].ArrivedAt;
        Assert.All(before.Requests.Zip(after.Requests), pair => Assert.Equal(pair.First.ArrivedAt.TotalMicroseconds * factor, pair.Second.ArrivedAt.TotalMicroseconds, 1.1));
    }

    [Fact]
    public void AtRate_AnyArrivals_AreWholeMicrosecondsInTheSameOrder() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(NonNegativeInt[] Arrivals, PositiveInt Rate)>(), given =>
        {
            if (given.Arrivals.Select(arrival => arrival.Get).Distinct().Count() < 2)
                return true;
            var before = new Workload("w", given.Arrivals.Select((arrival, row) => new TraceRequest { Id = $"{row}", ArrivedAt = TimeSpan.FromMicroseconds(arrival.Get), InputTokens = 1, OutputTokens = 1 }));
            Workload after = WorkloadScaling.AtRate(before, given.Rate.Get * 1000.0);
            return after.Requests.Select(request => request.Id).SequenceEqual(before.Requests.Select(request => request.Id))
                && after.Requests.All(request => request.ArrivedAt.Ticks % TimeSpan.TicksPerMicrosecond == 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AtRate_ArrivalsAtOnce_AreRefused() =>
        Assert.Contains("all arrive at once", Assert.Throws<InputException>(() => WorkloadScaling.AtRate(Workload.Generate("burst:5"), 2)).Message, StringComparison.Ordinal);

    [Fact]
    public void AtRate_ArrivalsBeyondRange_AreRefused() =>
        Assert.Contains("allowed at most 10000000000000000 µs", Assert.Throws<InputException>(() => WorkloadScaling.AtRate(Workload.Generate("poisson:1:50"), 1e-12)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void AtRateAndAtLoad_NumbersThatAreNoRate_Throw(double number)
    {
        Workload workload = Workload.Generate("poisson:1:5");
        Assert.Throws<ArgumentOutOfRangeException>(() => WorkloadScaling.AtRate(workload, number));
        Assert.Throws<ArgumentOutOfRangeException>(() => WorkloadScaling.AtLoad(workload, Engine, number));
    }

    [Fact]
    public void SaturatedRate_EqualRequestsOnOneSeat_IsTheInverseOfTheServiceTime()
    {
        // One seat, 5 steps of 10 ms each: 20 requests per second, whatever the deadlines, the queue's bound and the arrivals.
        var workload = new Workload("w", Enumerable.Range(0, 100).Select(row => new TraceRequest { Id = $"{row}", ArrivedAt = TimeSpan.FromHours(row), InputTokens = 10, OutputTokens = 5, Deadline = TimeSpan.Zero }));
        Assert.Equal(20, WorkloadScaling.SaturatedRate(workload, Engine with { MaxSequences = 1, MaxQueuedRequests = 1, ExpireAtDeadline = true }), 9);
    }

    [Theory]
    [InlineData(8, 512, null, Preemption.None, 0, 0)]
    [InlineData(3, 64, 300, Preemption.Kv, 0, 0)]
    [InlineData(5, 2048, 200, Preemption.Kv, 3, 1)]
    [InlineData(1, 4096, 400, Preemption.None, 2, 1)]
    public void WaitingThatMatter_AsBoundOfTheQueue_ChangesNoRequest(int seats, int tokens, int? blocks, Preemption preemption, int lookAheadRequests, int lookAheadSteps)
    {
        EngineSettings engine = new() { MaxSequences = seats, MaxBatchTokens = tokens, KvBlocks = blocks, Preemption = preemption, LookAheadRequests = lookAheadRequests, LookAheadSteps = lookAheadSteps, StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(1), TimeSpan.FromMicroseconds(30)) };
        Workload burst = Workload.Generate("burst:300");
        var fcfs = new SchedulingStack("fcfs", new FirstComeFirstServed());
        ReplayResult whole = Replay.Run(burst, engine, fcfs), bounded = Replay.Run(burst, engine, fcfs, new ReplayOptions { MostWaiting = WorkloadScaling.WaitingThatMatter(engine) });
        Assert.Equal(whole.Records, bounded.Records);
        Assert.Equal(whole.Steps, bounded.Steps);
    }

    [Fact]
    public void SaturatedRate_RequestsThatCanNeverFit_AreLeftOut()
    {
        var requests = Enumerable.Range(0, 100).Select(row => new TraceRequest { Id = $"{row}", ArrivedAt = TimeSpan.Zero, InputTokens = row % 2 == 0 ? 10 : 10_000, OutputTokens = 5 });
        EngineSettings engine = Engine with { MaxSequences = 1, KvBlocks = 10 };
        Assert.Equal(20, WorkloadScaling.SaturatedRate(new Workload("w", requests), engine), 9);
        Assert.Throws<InputException>(() => WorkloadScaling.SaturatedRate(new Workload("w", requests.Where(request => request.InputTokens > 10)), engine));
    }

    [Fact]
    public void AtLoad_SameSeed_IsTheSameAndItsRateIsTheShareOfTheSaturatedOne()
    {
        Workload workload = Workload.Generate("poisson:5:400");
        Workload scaled = WorkloadScaling.AtLoad(workload, Engine, 0.8, 3);
        Assert.Equal(scaled.Requests, WorkloadScaling.AtLoad(workload, Engine, 0.8, 3).Requests);
        double expected = 0.8 * WorkloadScaling.SaturatedRate(workload, Engine, 3);
        Assert.Equal(expected, 399 / (scaled.Requests[^1].ArrivedAt - scaled.Requests[0].ArrivedAt).TotalSeconds, expected * 1e-4);
    }

    [Theory]
    [InlineData(new[] { 1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 1)]
    [InlineData(new[] { 5.0, 6, 7, 8, 9, 10, 11, 12, 99, 100 }, 1)]
    [InlineData(new[] { 4.0 }, 0.25)]
    [InlineData(new[] { 2.0, 2 }, 0.5)]
    public void RateBetween_Completions_CountsFromATenthToEightTenths(double[] completions, double rate) =>
        Assert.Equal(rate, WorkloadScaling.RateBetween(completions), 12);
}
