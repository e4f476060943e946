using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Tests.Annealing;

public sealed class SeatsTimelineTests
{
    private const ulong Seed = 20_251_120;

    private static readonly double Never = double.PositiveInfinity;

    [Fact]
    public void Keep_PrefillsGoOneAfterAnother_EachStartsWhenTheLastIsOver()
    {
        SeatsTimeline timeline = Of(
            [new SeatsJob(1, 1, 0, FirstDue: 1, Never, 0, 0), new SeatsJob(2, 2, 0, FirstDue: 3, Never, 0, 0), new SeatsJob(1, 1, 0, FirstDue: 3.9, Never, 0, 0)], 0, [0, 0, 0]);

        // Starts at 0, 1 and 3; the last one's first token comes at 4, too late.
        Assert.Equal(1 + Math.Exp(-1), timeline.Keep([0, 1, 2], 0), 12);
        Assert.Equal(1 + Math.Exp(-1), timeline.Keep([0, 2, 1], 0), 12);
        Assert.Equal(1, timeline.Keep([2, 0, 1], 0), 12);
    }

    [Fact]
    public void Keep_NoSeatFree_WaitsForTheEarliestEnd()
    {
        SeatsTimeline timeline = Of([new SeatsJob(1, 1, 4, Never, EndDue: 7, 0, 0), new SeatsJob(1, 1, 9, Never, EndDue: 17, 0, 0)], 0.5, [2, 30]);

        // The one seat in reach is free at 2 and, after the first request, at 2 + 1 + 4.
        Assert.Equal(Math.Exp(-2) + Math.Exp(-7), timeline.Keep([0, 1], 0), 12);
        Assert.Equal(Math.Exp(-2), timeline.Keep([1, 0], 0), 12);
    }

    [Fact]
    public void Keep_UncertainLength_CountsTheProbabilityOfMeeting()
    {
        SeatsTimeline timeline = Of([new SeatsJob(0, 1, 8, Never, EndDue: 9, LogSpread: 0.5, 0)], 0, [0]);

        // What is left equals the median: one half.
        Assert.Equal(0.5, timeline.Keep([0], 0), 12);
    }

    [Fact]
    public void Keep_MetPerLatency_DividesByAllLatencies()
    {
        SeatsTimeline timeline = Of([new SeatsJob(1, 1, 2, FirstDue: 1, Never, 0, Waited: 3), new SeatsJob(1, 1, 1, FirstDue: 1, Never, 0, Waited: 0)], 0, [0, 0], SeatsObjective.MetPerLatency);

        Assert.Equal(1.0 / (3 + 3 + 3), timeline.Keep([0, 1], 0), 12);
    }

    [Fact]
    public void Value_AnyMove_EqualsAFullEvaluationBitForBit() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed => AgreesAlongAWalk((ulong)seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(Seed, 1));

    private static bool AgreesAlongAWalk(ulong seed)
    {
        var random = new MoveRandom(seed);
        int count = 2 + random.NextBelow(30);
        foreach (SeatsObjective objective in Enum.GetValues<SeatsObjective>())
        {
            SeatsJob[] jobs = [.. Enumerable.Range(0, count).Select(_ => Random(ref random))];
            double[] seats = [.. Enumerable.Range(0, 1 + random.NextBelow(40)).Select(_ => 6 * random.NextUnit()).Order()];
            double channel = random.NextUnit();
            SeatsTimeline incremental = Of(jobs, channel, seats, objective), full = Of(jobs, channel, seats, objective);
            int[] order = [.. Enumerable.Range(0, count)];
            incremental.Keep(order, 0);
            for (int move = 0; move < 40; move++)
            {
                int a = random.NextBelow(count), b = random.NextBelow(count), from = Math.Min(a, b);
                (order[a], order[b]) = (order[b], order[a]);
                double expected = full.Keep(order, 0), atLeast = random.NextBelow(2) == 0 ? 0 : 2 * expected * random.NextUnit();
                double found = incremental.Value(order, from, atLeast);
                if (found != (expected < atLeast ? -1 : expected))
                    return false;
                if (random.NextBelow(2) == 0)
                    (order[a], order[b]) = (order[b], order[a]);
                else if (incremental.Keep(order, from) != expected || incremental.Reached != full.Reached)
                    return false;
            }
        }

        return true;
    }

    private static SeatsTimeline Of(SeatsJob[] jobs, double channel, double[] freeAt, SeatsObjective objective = SeatsObjective.DiscountedMet)
    {
        var timeline = new SeatsTimeline();
        timeline.Begin(jobs.Length, objective, channel, freeAt);
        jobs.CopyTo(timeline.Jobs);
        return timeline;
    }

    private static SeatsJob Random(ref MoveRandom random) => new(
        0.5 * random.NextUnit(),
        0.5 * random.NextUnit(),
        random.NextBelow(4) == 0 ? 0 : 8 * random.NextUnit(),
        random.NextBelow(2) == 0 ? Never : 5 * random.NextUnit(),
        random.NextBelow(2) == 0 ? Never : 12 * random.NextUnit(),
        random.NextBelow(2) == 0 ? 0 : random.NextUnit(),
        3 * random.NextUnit());
}
