using FsCheck;
using FsCheck.Fluent;
using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>Draws small runs that hurt: engines too small for their load, equal arrivals, cancels, deadlines, and now and then a request that can never fit.</summary>
internal static class RunGenerator
{
    private const int MostRequests = 24;

    public static Arbitrary<RunCase> Cases(RunLoad load) =>
        Arb.From(
            Gen.Sized(size =>
                from high in Gen.Choose(0, int.MaxValue)
                from low in Gen.Choose(0, int.MaxValue)
                select Draw(((ulong)high << 32) | (uint)low, 1 + size * MostRequests / 100, load)),
            RunShrinker.Smaller);

    public static RunCase Draw(ulong seed, int mostRequests, RunLoad load)
    {
        var random = new SeededRandom(seed);
        EngineSettings engine = Engine(random, load);
        bool hasManyRequests = load is RunLoad.Saturated or RunLoad.Tenants;
        int count = hasManyRequests ? MostRequests + random.NextBelow(MostRequests) : 1 + random.NextBelow(mostRequests);
        var requests = new List<TraceRequest>(count);
        double at = 0;
        int burst = 0;
        string tenant = "a";
        for (int i = 0; i < count; i++)
        {
            bool beginsBurst = load == RunLoad.Tenants && burst-- == 0;
            if (beginsBurst)
                (burst, tenant) = (random.NextBelow(14), OtherTenant(random, tenant));
            at += load switch
            {
                RunLoad.Saturated => 0,
                RunLoad.Tenants => beginsBurst && random.NextBelow(2) == 0 ? random.NextBelow(500) : 0,
                RunLoad.Alone => 60_000,
                _ => random.NextBelow(3) == 0 ? 0 : random.NextBelow(60),
            };
            TraceRequest request = Request(random, i, at, load, engine);
            requests.Add(load == RunLoad.Tenants ? OfTenant(random, tenant, request) : request);
        }

        return new RunCase
        {
            Requests = requests,
            Engine = engine,
            Cancels = load != RunLoad.Usual ? [] : [.. Enumerable.Range(0, random.NextBelow(4)).Select(_ => (random.NextBelow(count), 1 + random.NextBelow(20)))],
            Seed = seed,
        };
    }

    private static EngineSettings Engine(SeededRandom random, RunLoad load)
    {
        bool hasKv = load == RunLoad.Usual && random.NextBelow(3) > 0;
        int chunk = random.NextBelow(4);
        return new EngineSettings
        {
            MaxSequences = load is RunLoad.Saturated or RunLoad.Tenants ? 1 + random.NextBelow(3) : 1 + random.NextBelow(6),
            MaxBatchTokens = 16 << random.NextBelow(5),
            PrefillChunkTokens = chunk == 0 ? 8 : chunk == 1 ? 32 : null,
            KvBlocks = hasKv ? 4 + random.NextBelow(12) : null,
            Preemption = hasKv && random.NextBelow(4) > 0 ? Preemption.Kv : Preemption.None,
            ExpireAtDeadline = load == RunLoad.Usual && random.NextBelow(4) == 0,
            LookAheadRequests = load == RunLoad.Usual && random.NextBelow(4) == 0 ? 2 : 0,
            StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(10)),
        };
    }

    private static string OtherTenant(SeededRandom random, string tenant) => $"{(char)('a' + (tenant[0] - 'a' + 1 + random.NextBelow(2)) % 3)}";

    /// <summary>One tenant asks briefly, one at length, one either way: shares in requests are not shares in tokens.</summary>
    private static TraceRequest OfTenant(SeededRandom random, string tenant, TraceRequest request)
    {
        bool isLong = tenant == "b" || (tenant == "c" && random.NextBelow(2) == 0);
        int output = isLong ? 8 + random.NextBelow(5) : 1 + random.NextBelow(3);
        return request with { Tenant = tenant, InputTokens = isLong ? 20 + random.NextBelow(21) : 1 + random.NextBelow(10), OutputTokens = output, MaxOutputTokens = output, Deadline = null };
    }

    private static TraceRequest Request(SeededRandom random, int place, double at, RunLoad load, EngineSettings engine)
    {
        bool isSaturated = load == RunLoad.Saturated;
        int input = isSaturated ? 20 : 1 + random.NextBelow(random.NextBelow(3) == 0 ? 150 : 40), output = isSaturated ? 6 : 1 + random.NextBelow(random.NextBelow(4) == 0 ? 40 : 12);
        if (load == RunLoad.Usual && engine.KvBlocks is { } blocks)
        {
            // Prompts that fit together and answers that then outgrow the cache; now and then one that can never fit.
            input = random.NextBelow(25) == 0 ? (blocks + 1) * engine.KvBlockTokens : 1 + random.NextBelow(blocks * engine.KvBlockTokens / 2);
            output = 1 + random.NextBelow(random.NextBelow(2) == 0 ? 12 : 48);
        }

        return new TraceRequest
        {
            Id = $"{place}",
            ArrivedAt = TimeSpan.FromMilliseconds(at),
            InputTokens = input,
            OutputTokens = output,
            MaxOutputTokens = output + (isSaturated ? 0 : random.NextBelow(3) == 0 ? random.NextBelow(10) : 0),
            Priority = random.NextBelow(4),
            Tenant = isSaturated ? place % 2 == 0 ? "a" : "b" : $"{(char)('a' + random.NextBelow(3))}",
            TrafficClass = random.NextBelow(2) == 0 ? "" : "chat",
            Deadline = random.NextBelow(3) == 0 ? TimeSpan.FromMilliseconds(50 * (1 + random.NextBelow(60))) : null,
        };
    }
}
