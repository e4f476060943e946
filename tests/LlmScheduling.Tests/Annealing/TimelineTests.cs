namespace LlmScheduling.Tests.Annealing;

public sealed class TimelineTests
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 3)]
    [InlineData(12, 1)]
    [InlineData(17, 4)]
    [InlineData(40, 8)]
    [InlineData(90, 16)]
    [InlineData(130, 4)]
    public void Moves_AfterEachOne_TheStateIsThatOfAFullEvaluation(int jobs, int maxBatch)
    {
        for (int seed = 0; seed < 4; seed++)
        {
            AnnealingProblem problem = Problems.Of(seed, jobs, maxBatch, 1 + seed);
            var table = new TimeTable();
            table.Fill(problem);
            Timeline moved = new(), fresh = new();
            int[] sizes = new int[jobs];
            int batches = RuleSchedule.Chunks(jobs, maxBatch, sizes);
            moved.Set(table, [.. Enumerable.Range(0, jobs)], sizes.AsSpan(0, batches));
            var best = new SearchBest();
            best.Begin(moved);
            var random = new MoveRandom((ulong)seed);
            var moves = new SearchMoves();
            int accepted = 0;
            for (int i = 0; i < 1_500; i++)
            {
                // Half of the moves are accepted whatever they do to the schedule.
                double least = i % 2 == 0 ? -1 : (moved.Met + 1e-3) / moved.Total;
                if (!moves.TryMove(SearchMoves.DrawKind(moved, ref random), moved, ref random, least, 1e-3, best))
                    continue;
                accepted++;
                batches = moved.CopySizes(sizes);
                fresh.Set(table, moved.Order, sizes.AsSpan(0, batches));
                Assert.Equal(Enumerable.Range(0, jobs), moved.Order.ToArray().Order());
                Assert.InRange(sizes.Take(batches).Max(), 1, maxBatch);
                Assert.InRange(sizes.Take(batches).Min(), 1, maxBatch);
                Assert.Equal((fresh.Met, fresh.Total, fresh.BatchCount), (moved.Met, moved.Total, moved.BatchCount));
                Assert.Equal(fresh.Slacks, moved.Slacks);
                Assert.Equal(fresh.Starts, moved.Starts);
                Assert.Equal(Enumerable.Range(0, jobs).Select(fresh.BatchAt), Enumerable.Range(0, jobs).Select(moved.BatchAt));
            }

            Assert.InRange(accepted, jobs == 2 ? 50 : 300, 1_500);
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    [InlineData(0)]
    [InlineData(1 << 30)]
    [InlineData(-(1 << 30))]
    public void MetAfterShift_AnyShift_IsTheCountOneByOne(int shift)
    {
        var random = new Random(1);
        int[] slacks = [.. Enumerable.Range(0, 77).Select(i => i % 9 == 0 ? TimeTable.Never - random.Next(1 << 30) : random.Next(-20, 20))];
        int before = slacks.Count(slack => slack >= 0), after = slacks.Count(slack => (long)slack - shift >= 0);
        Assert.Equal(after - before, Slack.MetAfterShift(slacks, shift));
    }
}
