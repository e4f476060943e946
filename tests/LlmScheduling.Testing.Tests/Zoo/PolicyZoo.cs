namespace LlmScheduling.Testing.Tests;

/// <summary>Policies that are wrong in one snapshot.</summary>
internal static class PolicyZoo
{
    private static int s_calls;

    public static IEnumerable<Specimen> All =>
    [
        Specimen.Policy("breaks ties by place in the table", "OrderOfTheTableDoesNotMatter", (in s, i) => new(0, s.Requests[i].PromptTokens * 1_000.0 + i)),
        Specimen.Policy("orders tenants by their number", "OrderOfTheTableDoesNotMatter", (in s, i) => new(s.Requests[i].TenantIndex, s.Requests[i].ArrivedAt.Ticks)),
        Specimen.Policy("lets the later twin go first", "TwinsKeepTheirOrder", (in s, i) => new(0, s.Requests[i].PromptTokens - s.Requests[i].Id.Sequence * 1e-6)),
        Specimen.Policy("reads a clock", "EqualSnapshotsGetEqualKeys", (in s, i) => new(0, (DateTime.UtcNow.Ticks % 1_000_000_000) / (double)s.Requests[i].PromptTokens)),
        Specimen.Policy("reads a coarse clock", "EqualSnapshotsGetEqualKeys", (in s, i) => new(0, Environment.TickCount64 / 10 % 1_000_000 / (double)s.Requests[i].PromptTokens)),
        Specimen.Policy("draws shared randomness", "EqualSnapshotsGetEqualKeys", (in s, i) => new(0, Random.Shared.NextDouble())),
        Specimen.Policy("remembers other steps", "EqualSnapshotsGetEqualKeys", (in s, i) => new(0, s.Requests[i].PromptTokens + Interlocked.Increment(ref s_calls) % 97)),
        Specimen.Policy("reckons with absolute time", "OnlyTimeDifferencesMatter", (in s, i) => new(0, s.Requests[i].ArrivedAt.Ticks / (double)s.Now.Ticks * s.Requests[i].PromptTokens)),
        Specimen.Policy("adds wait to a rank score", "RankScoresOnlyOrder", (in s, i) => new(0, (s.Requests[i].IsRanked ? s.Requests[i].RankScore : 0) - 0.05 * (s.Now - s.Requests[i].ArrivedAt).TotalSeconds)),
        Specimen.Policy("takes a missing rank score for a number", "EveryKeyIsANumber", (in s, i) => new(0, s.Requests[i].RankScore)),
        Specimen.Policy("forgets preempted requests", "EveryKeyIsANumber", () => new ForgetsPreempted()),
        Specimen.Policy("sorts with LINQ", "AllocatesNothing", () => new SortsWithLinq()),
        Specimen.Policy("subtracts times that saturate", "SurvivesHostileValues", (in s, i) => new(0, (s.Requests[i].Deadline == TimeSpan.MaxValue ? TimeSpan.FromDays(1) : s.Requests[i].Deadline - s.Now).Ticks)),
        Specimen.Policy("divides by a pace of zero", "SurvivesHostileValues", (in s, i) => new(0, Math.Max(0, (s.Requests[i].Deadline - s.Requests[i].ArrivedAt).TotalSeconds) / s.Requests[i].TokenInterval.TotalSeconds)),
        Specimen.Policy("overflows on long limits", "SurvivesHostileValues", (in s, i) => new(0, checked(s.Requests[i].PromptTokens * s.Requests[i].MaxOutputTokens))),
        Specimen.Policy("inverts priorities", "MoreUrgentPriorityNeverHurts", (in s, i) => new(0, -s.Requests[i].Priority), new PolicyPromises { MoreUrgentPriorityNeverHurts = true }),
        Specimen.Policy("serves the latest deadline first", "EarlierDeadlineNeverHurts", (in s, i) => new(0, -s.Requests[i].Deadline.Ticks), new PolicyPromises { EarlierDeadlineNeverHurts = true }),
        Specimen.Policy("serves the last come first", "EarlierArrivalNeverHurts", (in s, i) => new(0, -s.Requests[i].ArrivedAt.Ticks), new PolicyPromises { EarlierArrivalNeverHurts = true }),
        Specimen.Policy("lends seats unasked", "NeverTakesSeats", () => new SeatThief(), new PolicyPromises { NeverTakesSeats = true }),
        Specimen.Policy("orders the unranked by length", "UnrankedFallsBack", (in s, i) => new(0, s.Requests[i].IsRanked ? s.Requests[i].RankScore : s.Requests[i].PromptTokens), new PolicyPromises { OrderWhenNothingIsRanked = new FirstComeFirstServed() }),
    ];

    private sealed class ForgetsPreempted : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            for (int i = 0; i < keys.Length; i++)
            {
                if (snapshot.Requests[i].Phase != RequestPhase.Preempted)
                    keys[i] = snapshot.Requests[i].Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, snapshot.Requests[i].PromptTokens);
            }
        }
    }

    private sealed class SortsWithLinq : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            int[] shortestFirst = [.. snapshot.Requests.ToArray().Select((request, place) => (request.PromptTokens, request.Id.Sequence, place)).Order().Select(entry => entry.place)];
            for (int rank = 0; rank < keys.Length; rank++)
                keys[shortestFirst[rank]] = snapshot.Requests[shortestFirst[rank]].Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, rank);
        }
    }

    private sealed class SeatThief : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            for (int i = 0; i < keys.Length; i++)
                keys[i] = new(snapshot.Requests[i].Priority, 0);
        }
    }
}
