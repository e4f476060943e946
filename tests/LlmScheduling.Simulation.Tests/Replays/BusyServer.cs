namespace LlmScheduling.Simulation.Tests;

/// <summary>
/// A scheduler under everything at once, by one seed: arrivals of several tenants, classes and priorities, cancels, timeouts,
/// scores, cached prefixes, preemptions, two steps in flight, policy faults and swaps of the stack; recorded as it runs.
/// </summary>
internal static class BusyServer
{
    public const int Steps = 400;

    public static ISchedulingPolicy PolicyOf(string stack) => new Moody(byScore: stack == "scored");

    /// <summary>Runs to the end and returns the log.</summary>
    public static byte[] Record(int seed)
    {
        using var stream = new MemoryStream();
        using var log = new DecisionLog(stream, new DecisionLogOptions { LeaveOpen = true, MaxPendingLines = 1_000_000 });
        Run(seed, log);
        log.Dispose();
        Assert.Equal(0, log.Dropped);
        return stream.ToArray();
    }

    public static void Run(int seed, DecisionLog log)
    {
        var random = new Random(seed);
        var clock = new SimulatedClock();
        var options = new BatchSchedulerOptions
        {
            MaxSequences = 12,
            MaxBatchTokens = 96,
            PrefillChunkTokens = seed % 3 == 0 ? 32 : null,
            StepsInFlight = 1 + seed % 2,
            KvBlockTokens = 8,
            KvTotalBlocks = 60,
            MaxQueuedRequests = 40,
            QueueFull = seed % 4 < 2 ? QueueFullAction.Displace : QueueFullAction.Reject,
            Seed = (ulong)seed,
        };
        options.TenantWeights["b"] = 2.5;
        using var scheduler = new BatchScheduler(new SchedulingStack("banded", PolicyOf("banded")), options, new SchedulerServices { TimeProvider = clock, DecisionLog = log });
        var engine = new Dictionary<RequestId, Sequence>();
        var flight = new Queue<(long Step, RequestProgress[] Progress)>();
        for (int step = 0; step < Steps; step++)
        {
            for (int arrivals = random.Next(4); arrivals > 0; arrivals--)
                Arrive(scheduler, engine, random);
            if (random.Next(6) == 0 && engine.Count > 0)
                scheduler.Cancel(new RequestId(random.Next(engine.Count)));
            if (random.Next(5) == 0 && engine.Count > 0)
                scheduler.ReportCachedPrefix(new RequestId(random.Next(engine.Count)), random.Next(30));
            if (random.Next(3) == 0 && engine.Count > 0)
                scheduler.Post(InboxMessage.Ranked(new RequestId(engine.Count - 1), random.Next(8) == 0 ? float.NaN : random.NextSingle(), random.Next(2) == 0 ? default : new(random.Next(1, 50), 0.4f)));
            if (random.Next(40) == 0)
                scheduler.Stack = Stack(random.Next(3));
            clock.MoveTo(clock.Now + TimeSpan.FromTicks(random.Next(100_000)));
            BatchPlan plan = scheduler.PlanStep();
            foreach (RequestHandle preempted in plan.Preempted)
                engine[preempted.Id].DropKv();
            if (!plan.IsEmpty)
                flight.Enqueue((plan.Step, [.. plan.Work.ToArray().Select(work => engine[work.Id].Run(work, random))]));
            while (flight.Count >= options.StepsInFlight || (flight.Count > 0 && random.Next(3) == 0))
            {
                (long number, RequestProgress[] progress) = flight.Dequeue();
                TimeSpan duration = TimeSpan.FromTicks(random.Next(1, 200_000));
                clock.MoveTo(clock.Now + duration);
                scheduler.CompleteStep(new StepResult { Step = number, Duration = duration, Progress = progress });
            }
        }
    }

    private static SchedulingStack Stack(int which) => which switch
    {
        0 => new("banded", PolicyOf("banded")),
        1 => new("scored", PolicyOf("scored")) { Allocation = new() { LookAheadRequests = 3, PrefillShareOfTpot = 0.9, DecodeShareOfTpot = 0.85 } },
        _ => new("scored", PolicyOf("scored")) { Allocation = new() { PrefillOrder = PrefillOrder.ByKey, MaxOpenPrefills = 4, MaxResidentSequences = 14 } },
    };

    private static void Arrive(BatchScheduler scheduler, Dictionary<RequestId, Sequence> engine, Random random)
    {
        var request = new InferenceRequest
        {
            PromptTokens = random.Next(1, 120),
            MaxOutputTokens = random.Next(0, 40),
            CachedPrefixTokens = random.Next(4) == 0 ? random.Next(60) : 0,
            Tenant = random.Next(3) switch { 0 => "a", 1 => "b", _ => "ç\"\n" },
            TrafficClass = random.Next(2) == 0 ? "chat" : "code",
            Priority = random.Next(3),
            QueueTimeout = random.Next(5) == 0 ? TimeSpan.FromMilliseconds(random.Next(0, 400)) : null,
            Objective = random.Next(2) == 0 ? new() { TimeToFirstToken = TimeSpan.FromMilliseconds(random.Next(1, 300)), TimePerOutputToken = TimeSpan.FromMilliseconds(random.Next(1, 40)), EndToEnd = TimeSpan.FromSeconds(2) } : null,
        };
        engine.Add(scheduler.Enqueue(request).Id, new Sequence(request.PromptTokens, request.MaxOutputTokens));
    }

    /// <summary>Orders by band or by score, and fails by the step's seed.</summary>
    private sealed class Moody(bool byScore) : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            if (snapshot.Seed % 17 == 0)
                throw new InvalidOperationException("Out of sorts.");
            for (int i = 0; i < keys.Length; i++)
            {
                ref readonly RequestView request = ref snapshot.Requests[i];
                keys[i] = !byScore ? new(request.Priority, request.NextTokenDue.Ticks)
                    : request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat
                    : new(request.Priority == 0 && snapshot.Now - request.ArrivedAt > TimeSpan.FromSeconds(1) ? -1 : 0, 0,
                        request.Length.Median + request.RankScore switch { float.NaN => 0, var score => score } + snapshot.Tenants[request.TenantIndex].ServedCost / 7);
            }

            if (snapshot.Seed % 19 == 0 && keys.Length > 0)
                keys[0] = new PriorityKey(0, double.NaN);
        }
    }

    /// <summary>One request inside the engine; a cached prefix is found now and then, and an answer may stop before its limit.</summary>
    private sealed class Sequence(int prompt, int output)
    {
        private int _computed;
        private int _emitted;

        public void DropKv() => _computed = 0;

        public RequestProgress Run(in PlannedWork work, Random random)
        {
            int left = prompt + _emitted - _computed;
            int found = _computed == 0 ? random.Next(0, left) : 0;
            int computed = Math.Min(found + work.Tokens, left), emitted = computed == left && _emitted < output ? 1 : 0;
            _computed += computed;
            _emitted += emitted;
            FinishReason finish = random.Next(60) != 0 ? FinishReason.None : random.Next(3) == 0 ? FinishReason.Failed : emitted > 0 ? FinishReason.Stop : FinishReason.None;
            return new RequestProgress(work.Id, computed, emitted, finish);
        }
    }
}
