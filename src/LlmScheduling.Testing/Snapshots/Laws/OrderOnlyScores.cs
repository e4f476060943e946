namespace LlmScheduling.Testing;

internal sealed class OrderOnlyScores() : SnapshotLaw("RankScoresOnlyOrder", "Rank scores are ordinal: any map that keeps their order changes nothing.")
{
    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        Decision before = DecisionOf(snapshot, policy);
        return Different("Stretching the rank scores", before, DecisionOf(Mapped(snapshot, place => 1_000f * place - 7_000f), policy))
            ?? Different("Bending the rank scores", before, DecisionOf(Mapped(snapshot, place => MathF.Exp(0.5f * place)), policy))
            ?? Different("Crowding the rank scores", before, DecisionOf(Mapped(snapshot, place => -1f + place * 0.001f), policy));
    }

    /// <summary>Gives each distinct score, in order, the value of an increasing function of its place.</summary>
    private static SnapshotCase Mapped(SnapshotCase snapshot, Func<int, float> scoreAt)
    {
        float[] distinct = [.. snapshot.Requests.Where(request => request.IsRanked).Select(request => request.RankScore).Distinct().Order()];
        return snapshot with
        {
            Requests = [.. snapshot.Requests.Select(request => request.IsRanked ? request with { RankScore = scoreAt(Array.BinarySearch(distinct, request.RankScore)) } : request)],
        };
    }
}
