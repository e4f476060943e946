using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Tests;

public sealed class CandidateSelectionTests
{
    [Fact]
    public void InOrder_OfAnyCandidates_IsTheHeadOfAFullSort()
    {
        Gen<Candidate> candidate =
            from tier in Gen.Elements(int.MinValue, -1, 0, 1, int.MaxValue - 1)
            from band in Gen.Elements(int.MinValue, 0, 1, int.MaxValue)
            from score in Gen.Elements(double.NegativeInfinity, -1.5, 0, 0, 1, double.PositiveInfinity)
            from id in Gen.Choose(0, 1_000_000)
            select new Candidate(new PriorityKey(tier, band, score), id, 0);
        Gen<(Candidate[] All, int Limit)> runs =
            from all in Gen.ArrayOf(candidate)
            from limit in Gen.Choose(0, all.Length + 2)
            select (all.DistinctBy(each => each.Id).Select((each, index) => each with { Index = index }).ToArray(), limit);
        var selection = new CandidateSelection();

        Prop.ForAll(runs.ToArbitrary(), run =>
        {
            selection.Reset(run.Limit);
            foreach (Candidate each in run.All)
                selection.Offer(each.Key, each.Id, each.Index);
            Candidate[] sorted = [.. run.All.OrderBy(each => each.Key.Tier).ThenBy(each => each.Key.Band).ThenBy(each => each.Key.Score).ThenBy(each => each.Id).Take(run.Limit)];
            return selection.InOrder().SequenceEqual(sorted);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(200));
    }
}
