namespace LlmScheduling.Tests;

/// <summary>A policy that answers any legal key at random, and now and then throws or answers NaN. Pure: all of it follows from the snapshot's seed.</summary>
internal sealed class RandomKeys(int faultsPerMille, int refusalsPerMille) : ISchedulingPolicy
{
    private static readonly int[] Tiers = [int.MinValue, -1, 0, 0, 0, 0, 1, int.MaxValue - 2];
    private static readonly int[] Bands = [int.MinValue, -1, 0, 0, 0, 1, int.MaxValue];
    private static readonly double[] Scores = [double.NegativeInfinity, double.MinValue, -1, 0, 0, 1, double.Epsilon, double.MaxValue, double.PositiveInfinity];

    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            var random = new Random((int)(snapshot.Seed ^ (ulong)(snapshot.Requests[i].Id.Sequence * 2_654_435_761)));
            int kind = random.Next(1_000);
            if (kind < faultsPerMille)
                throw new InvalidOperationException("broken");
            keys[i] = kind < 2 * faultsPerMille ? new(0, double.NaN)
                : kind < 2 * faultsPerMille + refusalsPerMille ? PriorityKey.Refuse
                : kind < 150 ? PriorityKey.Hold
                : kind < 250 ? PriorityKey.Spare(random.NextDouble())
                : kind < 400 ? PriorityKey.KeepsSeat
                : new(Tiers[random.Next(Tiers.Length)], Bands[random.Next(Bands.Length)], Scores[random.Next(Scores.Length)]);
        }
    }
}
