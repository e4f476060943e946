using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>
/// The policy inside: keys of every kind, drawn from the step's seed and the request's id and nothing else, with few scores, so
/// that many are equal.
/// </summary>
internal sealed class InnerPolicy(Func<double, double> score) : ISchedulingPolicy
{
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            PriorityKey key = Drawn(new SeededRandom(snapshot.Seed + 0x9E3779B97F4A7C15UL * (ulong)(request.Id.Sequence + 1)), request.Phase == RequestPhase.Running);
            keys[i] = key.IsHeld ? key : key with { Score = score(key.Score) };
        }
    }

    private static PriorityKey Drawn(SeededRandom random, bool isRunning) => (random.NextBelow(8), isRunning) switch
    {
        (0, _) => PriorityKey.Hold,
        (1, false) => PriorityKey.Refuse,
        (2, false) => PriorityKey.Spare(random.NextBelow(4)),
        (3, false) => new PriorityKey(-1 - random.NextBelow(2), random.NextBelow(3), random.NextBelow(4)),
        (1 or 2 or 3, true) => PriorityKey.KeepsSeat,
        _ => new PriorityKey(random.NextBelow(3) - 1, random.NextBelow(4)),
    };
}
