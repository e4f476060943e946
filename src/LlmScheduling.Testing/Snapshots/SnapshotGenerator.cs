using FsCheck.Fluent;
using FsCheck;
using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>
/// Draws snapshots that a scheduler could really show: phases, tokens and times fit together, and small ranges make ties
/// common, since ties are where policies go wrong.
/// </summary>
internal static class SnapshotGenerator
{
    private const int MostRequests = 12;

    public static Arbitrary<SnapshotCase> Cases(bool hostile) =>
        Arb.From(
            Gen.Sized(size =>
                from high in Gen.Choose(0, int.MaxValue)
                from low in Gen.Choose(0, int.MaxValue)
                select Draw(((ulong)high << 32) | (uint)low, 1 + size * MostRequests / 100, hostile)),
            SnapshotShrinker.Smaller);

    public static SnapshotCase Draw(ulong seed, int mostRequests, bool hostile)
    {
        // Plans have a stream of their own: what else a seed draws does not depend on them.
        SeededRandom random = new(seed), plan = new(seed ^ 0x706C616E);
        int tenants = 1 + random.NextBelow(3), count = random.NextBelow(mostRequests + 1), running = 0;
        TimeSpan now = Milliseconds(30_000 + 100 * random.NextBelow(600));
        int[] arrivals = [.. Enumerable.Range(0, count).Select(_ => 100 * random.NextBelow(random.NextBelow(2) == 0 ? 5 : 300)).Order()];
        var requests = new List<RequestView>(count);
        for (int i = 0; i < count; i++)
        {
            RequestView request = One(random, i, Milliseconds(arrivals[i]), now, tenants);
            if (request.Phase == RequestPhase.Running)
                request = request with { AdmissionOrder = running++ };
            else if (plan.NextBelow(2) == 0)
                request = request with { PlannedPosition = plan.NextBelow(2 * MostRequests) };
            requests.Insert(random.NextBelow(requests.Count + 1), hostile ? Hostile(random, request) : request);
        }

        return new SnapshotCase
        {
            Requests = requests,
            Now = now,
            Tenants = Tenants(random, tenants),
            Limits = new BatchLimits(1 << (6 + random.NextBelow(7)), 1 + random.NextBelow(64)),
            Work = random.NextBelow(2) == 0 ? default : new WorkModel(0.03, 6e-5, 1.3e-4, 3.4e-7, random.NextUnit()),
            ProcessedTokens = 10_000 + random.NextBelow(10_000),
            Admissions = random.NextBelow(10),
            Seed = seed,
        };
    }

    private static RequestView One(SeededRandom random, int id, TimeSpan arrived, TimeSpan now, int tenants)
    {
        int prompt = Pick(random, 1, 2, 8, 100, 100, 512, 4_000, 1 + random.NextBelow(2_000));
        int limit = Pick(random, 1, 16, 128, 128, 1_024, 1 + random.NextBelow(500));
        RequestPhase phase = Pick(random, RequestPhase.Waiting, RequestPhase.Waiting, RequestPhase.Waiting, RequestPhase.Running, RequestPhase.Preempted);
        int generated = phase == RequestPhase.Waiting || random.NextBelow(3) == 0 ? 0 : random.NextBelow(limit);
        int computed = phase != RequestPhase.Running ? 0 : generated > 0 ? prompt + generated - 1 : random.NextBelow(prompt);
        bool hasFirst = random.NextBelow(3) == 0, hasPace = random.NextBelow(3) == 0, hasEnd = random.NextBelow(2) == 0;
        return new RequestView
        {
            Id = new RequestId(id),
            Phase = phase,
            ArrivedAt = arrived,
            LastScheduledAt = phase == RequestPhase.Waiting ? arrived : now - Milliseconds(10 * random.NextBelow(20)),
            PromptTokens = prompt,
            MaxOutputTokens = limit,
            GeneratedTokens = generated,
            ComputedTokens = computed,
            FirstTokenAt = generated > 0 ? arrived + (now - arrived) / (2 + random.NextBelow(3)) : TimeSpan.MaxValue,
            FirstTokenDue = hasFirst ? arrived + Milliseconds(500 * (1 + random.NextBelow(120))) : TimeSpan.MaxValue,
            TokenInterval = hasPace ? Milliseconds(20 * (1 + random.NextBelow(10))) : TimeSpan.MaxValue,
            Deadline = hasEnd ? arrived + Milliseconds(1_000 * (1 + random.NextBelow(90))) : TimeSpan.MaxValue,
            ProcessedTokensAtArrival = random.NextBelow(10_000),
            Priority = random.NextBelow(5) - 1,
            TenantIndex = random.NextBelow(tenants),
            TrafficClassIndex = random.NextBelow(2),
            Length = random.NextBelow(3) == 0 ? default : new LengthEstimate(Pick(random, 1, 20, 20, 200, 1 + random.NextBelow(800)), Pick(random, 0f, 0.5f, 1f)),
            RankScore = random.NextBelow(3) == 0 ? float.NaN : Pick(random, -1f, 0f, 0f, 2.5f, (float)(random.NextUnit() * 8 - 4)),
        };
    }

    private static RequestView Hostile(SeededRandom random, RequestView request) => random.NextBelow(9) switch
    {
        0 => request with { PromptTokens = int.MaxValue, ComputedTokens = 0, GeneratedTokens = 0 },
        1 => request with { MaxOutputTokens = int.MaxValue },
        2 => request with { MaxOutputTokens = 0, GeneratedTokens = 0 },
        3 => request with { Deadline = TimeSpan.MinValue, FirstTokenDue = TimeSpan.MinValue },
        4 => request with { Deadline = new TimeSpan(long.MaxValue - 1), TokenInterval = new TimeSpan(long.MaxValue - 1), FirstTokenDue = TimeSpan.MaxValue },
        5 => request with { Priority = random.NextBelow(2) == 0 ? int.MinValue : int.MaxValue },
        6 => request with { Length = new LengthEstimate(float.MaxValue, 40f) },
        7 => request with { RankScore = random.NextBelow(2) == 0 ? float.PositiveInfinity : float.NegativeInfinity },
        _ => request with { TokenInterval = TimeSpan.Zero, Deadline = request.ArrivedAt, PromptTokens = 1 },
    };

    private static TenantUsage[] Tenants(SeededRandom random, int count)
    {
        int shift = random.NextBelow(count);
        var tenants = new TenantUsage[count];
        for (int i = 0; i < count; i++)
            tenants[i] = new TenantUsage(Pick(random, 0, 0, 500, random.NextBelow(5_000)), Pick(random, 1.0, 1.0, 2.0, 0.5), (i + shift) % count, i + 1 > random.NextBelow(4) ? i + 1 : 0);
        return tenants;
    }

    private static T Pick<T>(SeededRandom random, params ReadOnlySpan<T> values) => values[random.NextBelow(values.Length)];

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
