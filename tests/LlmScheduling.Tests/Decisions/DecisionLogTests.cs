using System.Reflection;
using System.Text;

namespace LlmScheduling.Tests;

[Collection(nameof(CountsAllocations))]
public sealed class DecisionLogTests
{
    [Fact]
    public void PlanStep_StalledStream_NeverBlocksAndDropsAreCounted()
    {
        using var stream = new StallingStream();
        using var log = new DecisionLog(stream, new() { MaxPendingLines = 16, LeaveOpen = true });
        using BatchScheduler scheduler = New(log);
        Assert.True(stream.Stalled.Wait(TimeSpan.FromSeconds(30)));
        const int Requests = 200;
        for (int i = 0; i < Requests; i++)
        {
            scheduler.Enqueue(new InferenceRequest { PromptTokens = 10, MaxOutputTokens = 1 });
            BatchPlan plan = scheduler.PlanStep();
            scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.Zero, Progress = [new(plan.Work[0].Id, 10, 1)] });
        }

        // Four lines a request and the header; sixteen wait, and the stalled write holds the lines that it took.
        Assert.InRange(log.Dropped, 4 * Requests - 16 - 16, 4 * Requests + 1 - 16);
        long dropped = log.Dropped;
        stream.Release();
        scheduler.Dispose();
        log.Dispose();

        List<DecisionLogEntry> entries = Read(stream);
        Assert.Equal(DecisionKind.End, entries[^1].Kind);
        Assert.InRange(entries[^1].Dropped, dropped, dropped + 1);
        Assert.Equal(log.Dropped, entries[^1].Number - entries.Count);
        Assert.Contains(entries.Zip(entries.Skip(1)), pair => pair.Second.Number > pair.First.Number + 1);
    }

    [Fact]
    public void Dispose_PendingLines_AreWrittenWithAnEndLine()
    {
        using var stream = new MemoryStream();
        var log = new DecisionLog(stream, new() { LeaveOpen = true });
        BatchScheduler scheduler = New(log);
        RequestTicket ticket = scheduler.Enqueue(new InferenceRequest { PromptTokens = 10, MaxOutputTokens = 2 });
        scheduler.PlanStep();
        scheduler.Dispose();
        log.Dispose();
        log.Dispose();

        Assert.Equal(
            [DecisionKind.Header, DecisionKind.Arrival, DecisionKind.Plan, DecisionKind.Stop, DecisionKind.Outcome, DecisionKind.End],
            Read(stream).Select(entry => entry.Kind));
        Assert.Equal(RequestOutcome.ShutDown, Read(stream).Single(entry => entry.Kind == DecisionKind.Outcome).Outcome);
        Assert.Equal(RequestOutcome.ShutDown, ticket.Ended());
    }

    [Fact]
    public async Task DisposeAsync_StreamNotLeftOpen_IsClosed()
    {
        var stream = new MemoryStream();
        await using (var log = new DecisionLog(stream))
            New(log).Dispose();

        Assert.False(stream.CanWrite);
    }

    [Fact]
    public void Stream_ThatFails_EndsTheLogAndNothingElse()
    {
        var log = new DecisionLog(new FailingStream());
        using BatchScheduler scheduler = New(log);
        SpinWait.SpinUntil(() => log.Fault is not null, TimeSpan.FromSeconds(30));
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 10, MaxOutputTokens = 2 });

        Assert.False(scheduler.PlanStep().IsEmpty);
        log.Dispose();
        Assert.IsType<IOException>(log.Fault);
        Assert.Equal(3, log.Dropped);
    }

    [Fact]
    public void Construct_SecondSchedulerOnOneLog_Throws()
    {
        using var log = new DecisionLog(new MemoryStream());
        using BatchScheduler scheduler = New(log);

        Assert.Throws<InvalidOperationException>(() => New(log));
    }

    [Fact]
    public void Construct_OptionOutOfRange_NamesIt() =>
        Assert.Contains("MaxPendingLines must be 1 or more", Assert.Throws<ArgumentOutOfRangeException>(() => new DecisionLog(new MemoryStream(), new() { MaxPendingLines = 0 })).Message);

    [Fact]
    public void Header_EveryOptionAndAllocationSetting_RoundTrips()
    {
        var options = new BatchSchedulerOptions();
        foreach (PropertyInfo property in typeof(BatchSchedulerOptions).GetProperties().Where(property => property.SetMethod?.IsPublic == true))
            property.SetValue(options, Other(property, options));
        options.StepsInFlight = 2;
        options.ChunkedPrefill = true;
        options.TenantWeights["a \"b\""] = 1.0 / 3;
        object allocation = new TokenAllocation();
        foreach (PropertyInfo property in typeof(TokenAllocation).GetProperties().Where(property => property.CanWrite))
            property.SetValue(allocation, property.PropertyType == typeof(double) || property.PropertyType == typeof(double?) ? 0.7 : Other(property, allocation));

        using var stream = new MemoryStream();
        var log = new DecisionLog(stream, new() { LeaveOpen = true });
        new BatchScheduler(new SchedulingStack("häß", new FirstComeFirstServed()) { Allocation = (TokenAllocation)allocation }, options, new SchedulerServices { DecisionLog = log }).Dispose();
        log.Dispose();

        DecisionLogEntry header = Read(stream)[0];
        Assert.Equal("häß", header.StackName);
        Assert.Equal(allocation, header.Allocation);
        Assert.All(typeof(BatchSchedulerOptions).GetProperties(), property => Assert.Equal(property.GetValue(options), property.GetValue(header.Options)));
    }

    [Fact]
    public void Lines_ExtremeNumbers_RoundTrip()
    {
        using var stream = new MemoryStream();
        var log = new DecisionLog(stream, new() { LeaveOpen = true });
        double[] scores = [double.Epsilon, double.MaxValue, double.NegativeInfinity, double.PositiveInfinity, 0.1 + 0.2, -0.0, Math.PI * 1e300];
        using (var scheduler = new BatchScheduler(
            new SchedulingStack("x", new KeyedBy((in RequestView request) => new(int.MinValue, int.MaxValue, scores[request.Id.Sequence]))), null, new SchedulerServices { DecisionLog = log, TimeProvider = new ManualTimeProvider() }))
        {
            foreach (double _ in scores)
                scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = int.MaxValue, Priority = int.MinValue, Tenant = "\u0001€", QueueTimeout = TimeSpan.MaxValue, Objective = new() { EndToEnd = TimeSpan.FromTicks(long.MaxValue - 1) } });
            scheduler.Post(InboxMessage.Ranked(new(0), float.MinValue, new(float.Epsilon, 0.1f)));
            scheduler.PlanStep();
        }

        log.Dispose();
        List<DecisionLogEntry> entries = Read(stream);
        DecisionLogEntry arrival = entries[1], score = entries.Single(entry => entry.Kind == DecisionKind.Score);
        Assert.Equal((int.MaxValue, int.MinValue, "\u0001€", null), (arrival.Request!.MaxOutputTokens, arrival.Request.Priority, arrival.Request.Tenant, arrival.Request.QueueTimeout));
        Assert.Equal(new SloTargets(TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.FromTicks(long.MaxValue - 1)), arrival.Targets);
        Assert.Equal((float.MinValue, new LengthEstimate(float.Epsilon, 0.1f)), (score.Score, score.Length));
        IReadOnlyList<LoggedAdmission> admitted = entries.Single(entry => entry.Kind == DecisionKind.Plan).Admitted;
        Assert.Equal(
            scores.Select(BitConverter.DoubleToInt64Bits),
            admitted.OrderBy(one => one.Id.Sequence).Select(one => BitConverter.DoubleToInt64Bits(one.Key.Score)));
        Assert.All(admitted, one => Assert.Equal((int.MinValue, int.MaxValue), (one.Key.Tier, one.Key.Band)));
    }

    [Fact]
    public void Scores_OfARankerThatTookAnothersPlace_AreReadInOneStepAndSaySo()
    {
        using var stream = new MemoryStream();
        var log = new DecisionLog(stream, new() { LeaveOpen = true });
        using (var scheduler = new BatchScheduler(new SchedulingStack("x", new ShortestRankedFirst()), new() { MaxSequences = 1 }, new SchedulerServices { DecisionLog = log, TimeProvider = new ManualTimeProvider() }))
        {
            for (int i = 0; i < 3; i++)
            {
                scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 5 });
                scheduler.Post(InboxMessage.Ranked(new(i), 9 - i, new LengthEstimate(10, 1)));
            }

            scheduler.Post(InboxMessage.Reranked([InboxMessage.RankedAnew(new(0), 5, default), InboxMessage.RankedAnew(new(1), 1, default), InboxMessage.RankedAnew(new(2), float.NaN, default), InboxMessage.RankedAnew(new(77), 0, default)]));
            Assert.Equal(1, scheduler.PlanStep().Work[0].Id.Sequence);
        }

        log.Dispose();
        DecisionLogEntry[] scores = [.. Read(stream).Where(entry => entry.Kind == DecisionKind.Score)];
        Assert.Equal([false, false, false, true, true, true], scores.Select(entry => entry.Replaces));
        Assert.Equal((float[])[9, 8, 7, 5, 1, float.NaN], scores.Select(entry => entry.Score));
    }

    [Fact]
    public void Refusal_AtTheDoor_IsRecorded()
    {
        using var stream = new MemoryStream();
        var log = new DecisionLog(stream, new() { LeaveOpen = true });
        using (BatchScheduler scheduler = New(log, new() { KvTotalBlocks = 1 }))
            scheduler.Enqueue(new InferenceRequest { PromptTokens = 100, MaxOutputTokens = 1 });
        log.Dispose();

        DecisionLogEntry refusal = Read(stream)[1];
        Assert.Equal((DecisionKind.Refusal, RequestOutcome.Unservable, 100), (refusal.Kind, refusal.Outcome, refusal.Request!.PromptTokens));
    }

    [Fact]
    public void PlanStep_LogOn_AllocatesNextToNothing()
    {
        // Whatever the writer's pace, no more buffers than pending lines are ever made.
        using var log = new DecisionLog(Stream.Null, new() { MaxPendingLines = 32 });
        using BatchScheduler scheduler = New(log);
        const int Sequences = 64, Steps = 200;
        for (int i = 0; i < Sequences; i++)
            scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 100_000 });
        var progress = new RequestProgress[Sequences];
        Run(Steps);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(Steps);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Steps, 0, 64);

        void Run(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                BatchPlan plan = scheduler.PlanStep();
                for (int i = 0; i < plan.Work.Length; i++)
                    progress[i] = new(plan.Work[i].Id, 1, 1);
                scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.Zero, Progress = progress.AsSpan(0, plan.Work.Length) });
            }
        }
    }

    private static BatchScheduler New(DecisionLog log, BatchSchedulerOptions? options = null) =>
        new(new SchedulingStack("fcfs", new FirstComeFirstServed()), options, new SchedulerServices { DecisionLog = log, TimeProvider = new ManualTimeProvider() });

    private static List<DecisionLogEntry> Read(MemoryStream stream) => [.. DecisionLogReader.Read(new MemoryStream(stream.ToArray()))];

    /// <summary>A legal value that is not the property's default.</summary>
    private static object Other(PropertyInfo property, object owner)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type == typeof(bool) ? !(bool)property.GetValue(owner)!
            : type.IsEnum ? Enum.ToObject(type, 1)
            : type == typeof(double) ? 0.7
            : Convert.ChangeType(77, type, System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class FailingStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("No space left on device.");
    }
}
