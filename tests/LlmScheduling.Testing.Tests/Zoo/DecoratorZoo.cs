namespace LlmScheduling.Testing.Tests;

/// <summary>Decorators that do not leave alone what is not theirs.</summary>
internal static class DecoratorZoo
{
    private delegate PriorityKey Change(in SchedulingSnapshot snapshot, int index, PriorityKey key);

    public static IEnumerable<Specimen> All =>
    [
        Specimen.Decorator("adds its wait to an inner score", "InnerScoresOnlyOrder", Changing((in s, i, key) => IsOpen(s, i, key) ? key with { Score = key.Score - 0.1 * (s.Now - s.Requests[i].ArrivedAt).TotalSeconds } : key)),
        Specimen.Decorator("promotes small inner scores", "InnerScoresOnlyOrder", Changing((in s, i, key) => IsOpen(s, i, key) && key.Score < 0.5 ? key with { Tier = -9 } : key)),
        Specimen.Decorator("drops a hold", "HeldStaysHeld", Changing((in s, i, key) => s.Requests[i].Phase != RequestPhase.Running && s.Now - s.Requests[i].ArrivedAt > TimeSpan.FromSeconds(40) ? key with { Tier = -1 } : key)),
        Specimen.Decorator("takes a refusal for a hold", "HeldStaysHeld", Changing((in s, i, key) => key.IsHeld ? PriorityKey.Hold : key)),
        Specimen.Decorator("promotes by bands", "BandsStay", Changing((in s, i, key) => IsOpen(s, i, key) && s.Now - s.Requests[i].ArrivedAt > TimeSpan.FromSeconds(40) ? key with { Band = key.Band - 1 } : key)),
        Specimen.Decorator("promotes running requests", "RunningStayAlone", Changing((in s, i, key) => !key.IsHeld && s.Now - s.Requests[i].ArrivedAt > TimeSpan.FromSeconds(40) ? key with { Tier = -1 } : key)),
        Specimen.Decorator("hides a fault", "FaultsAreSeen", Changing((in s, i, key) => double.IsNaN(key.Score) ? key with { Score = 0 } : key)),
    ];

    private static bool IsOpen(in SchedulingSnapshot snapshot, int index, PriorityKey key) => snapshot.Requests[index].Phase != RequestPhase.Running && !key.IsHeld;

    private static Func<ISchedulingPolicy, ISchedulingPolicy> Changing(Change change) => inner => new Changed(inner, change);

    private sealed class Changed(ISchedulingPolicy inner, Change change) : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            inner.Prioritize(snapshot, keys);
            for (int i = 0; i < keys.Length; i++)
                keys[i] = change(snapshot, i, keys[i]);
        }
    }
}
