namespace LlmScheduling.Tests.Annealing;

public sealed class ScenarioTimelineTests
{
    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(2, 2, 5)]
    [InlineData(5, 3, 16)]
    [InlineData(17, 4, 33)]
    [InlineData(40, 8, 7)]
    [InlineData(90, 16, 20)]
    public void Moves_AfterEachOne_TheStateIsThatOfAFullEvaluation(int jobs, int maxBatch, int scenarios)
    {
        for (int seed = 0; seed < 4; seed++)
        {
            AnnealingProblem problem = Problems.Uncertain(Problems.Of(seed, jobs, maxBatch, 1 + seed), scenarios, seed);
            var table = new ScenarioTable();
            table.Fill(problem);
            ScenarioTimeline moved = new(), fresh = new();
            int[] sizes = new int[jobs];
            int batches = RuleSchedule.Chunks(jobs, maxBatch, sizes);
            moved.Set(table, [.. Enumerable.Range(0, jobs)], sizes.AsSpan(0, batches));
            var random = new MoveRandom((ulong)seed);
            int accepted = 0;
            for (int i = 0; i < 1_000; i++)
            {
                // Half of the moves are accepted whatever they do to the schedule.
                double least = i % 2 == 0 ? -1 : moved.Value;
                if (!ScenarioMoves.TryDraw(ScenarioMoves.DrawKind(maxBatch, ref random), moved.Batches, table, ref random, out ScenarioMove move))
                    continue;
                if (!moved.Reaches(move, least, out long value))
                    continue;
                moved.Apply(move, value);
                accepted++;
                batches = moved.Batches.CopySizes(sizes);
                fresh.Set(table, moved.Batches.Order, sizes.AsSpan(0, batches));
                Assert.Equal(Enumerable.Range(0, jobs), moved.Batches.Order.ToArray().Order());
                Assert.InRange(sizes.Take(batches).Max(), 1, maxBatch);
                Assert.InRange(sizes.Take(batches).Min(), 1, maxBatch);
                Assert.Equal(fresh.MetByScenario, moved.MetByScenario);
                Assert.Equal(fresh.TotalByScenario, moved.TotalByScenario);
                Assert.Equal(fresh.Value, moved.Value);
                Assert.Equal(Enumerable.Range(0, jobs).Select(fresh.Batches.BatchAt), Enumerable.Range(0, jobs).Select(moved.Batches.BatchAt));
            }

            Assert.InRange(accepted, jobs == 2 ? 30 : 200, 1_000);
        }
    }

    [Fact]
    public void Reaches_JustOutOfReach_IsFalseAndAtReachTrue()
    {
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(3, 30, 4, 2), 40, 3);
        var table = new ScenarioTable();
        table.Fill(problem);
        var timeline = new ScenarioTimeline();
        int[] sizes = new int[30];
        timeline.Set(table, [.. Enumerable.Range(0, 30)], sizes.AsSpan(0, RuleSchedule.Chunks(30, 4, sizes)));
        var random = new MoveRandom(1);
        int weighed = 0;
        for (int i = 0; i < 500; i++)
        {
            if (!ScenarioMoves.TryDraw(ScenarioMoves.DrawKind(4, ref random), timeline.Batches, table, ref random, out ScenarioMove move))
                continue;
            Assert.True(timeline.Reaches(move, -1, out long value));
            Assert.True(timeline.Reaches(move, value, out long again));
            Assert.Equal(value, again);
            // A double holds 53 bits of the value: the next one is far enough.
            Assert.False(timeline.Reaches(move, Math.BitIncrement((double)value), out _));
            weighed++;
        }

        Assert.InRange(weighed, 200, 500);
    }

    [Theory]
    [InlineData(1, 30, 1)]
    [InlineData(2, 120, 16)]
    [InlineData(3, 50, 37)]
    public void Value_WholeTicks_AgreesWithDoubles(int seed, int jobs, int scenarios)
    {
        AnnealingProblem problem = Problems.Uncertain(Problems.Of(seed, jobs, 4, 2), scenarios, seed);
        var table = new ScenarioTable();
        table.Fill(problem);
        var timeline = new ScenarioTimeline();
        int[] order = [.. Enumerable.Range(0, jobs)], sizes = new int[jobs];
        Span<int> used = sizes.AsSpan(0, RuleSchedule.Chunks(jobs, 3, sizes));
        timeline.Set(table, order, used);
        ScheduleValue value = ScheduleValue.Of(problem, order, used);
        Assert.Equal(value.Met, timeline.MetByScenario.ToArray().Average(), 9);
        double total = timeline.TotalByScenario.ToArray().Average();
        Assert.Equal(1, total / table.TicksPerMillisecond / value.TotalMilliseconds, 6);
        double head = timeline.TotalByScenario.ToArray().Average(ticks => 1.0 / ScenarioTable.Head / ticks);
        double g = timeline.Value / table.Unit / ScenarioTable.Head / scenarios - head;
        Assert.Equal(1, g * table.TicksPerMillisecond * 1_000 / value.MetPerSecond, 6);
    }
}
