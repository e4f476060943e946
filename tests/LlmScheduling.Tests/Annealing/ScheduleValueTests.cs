namespace LlmScheduling.Tests.Annealing;

public sealed class ScheduleValueTests
{
    // Prefill 2x + l, step x + 1: round numbers to compute by hand.
    private static readonly AnnealingProblem Problem = new()
    {
        Jobs = new[]
        {
            new AnnealingJob(10, 5) { EndToEndMilliseconds = 29 },
            new AnnealingJob(20, 4) { FirstTokenMilliseconds = 24, TokenMilliseconds = 3 },
            new AnnealingJob(30, 2) { EndToEndMilliseconds = 72 },
        },
        Prefill = new LatencyCoefficients(0, 2, 1, 0),
        Decode = new LatencyCoefficients(0, 1, 0, 1),
        MaxBatch = 2,
    };

    [Fact]
    public void Of_TwoBatches_IsTheSumByHand()
    {
        // Batch {0, 1} of two: job 0 runs 14 + 5*3 = 29, job 1 runs 24 + 4*3 = 36. Job 2 alone waits 36 and runs 32 + 2*2 = 36.
        Assert.Equal(new ScheduleValue(3, 29 + 36 + 72), ScheduleValue.Of(Problem, [0, 1, 2], [2, 1]));
        Assert.Equal(3 / 0.137, ScheduleValue.Of(Problem, [0, 1, 2], [2, 1]).MetPerSecond, 9);
    }

    [Fact]
    public void Of_AHairLater_MissesInclusiveLimits()
    {
        // Behind job 2, which alone runs 36: job 0 ends at 36 + 29, job 1 has its first token at 36 + 24.
        Assert.Equal(new ScheduleValue(1, 36 + 65 + 72), ScheduleValue.Of(Problem, [2, 0, 1], [1, 2]));
    }

    [Fact]
    public void Of_TwoScenarios_IsTheMeanOfTheRatios()
    {
        AnnealingProblem uncertain = new()
        {
            Jobs = Problem.Jobs,
            SampledOutputTokens = new[] { 5, 4, 2, 6, 4, 2 },
            Prefill = Problem.Prefill,
            Decode = Problem.Decode,
            MaxBatch = 2,
        };

        // In the second scenario job 0 runs 14 + 6*3 = 32: it misses 29, and nobody waits longer, since job 1 still runs 36.
        ScheduleValue value = ScheduleValue.Of(uncertain, [0, 1, 2], [2, 1]);
        Assert.Equal((2.5, (137 + 140) / 2.0), (value.Met, value.TotalMilliseconds));
        Assert.Equal((3 / 0.137 + 2 / 0.140) / 2, value.MetPerSecond, 9);
    }

    [Fact]
    public void SumOfSteps_ClosedForm_IsTheSum()
    {
        LatencyCoefficients decode = Problems.Decode;
        double sum = Enumerable.Range(1, 321).Sum(step => decode.Milliseconds(3, 77 + step));
        Assert.Equal(sum, decode.SumOfSteps(3, 77, 321), 8);
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 300)]
    [InlineData(3, 1000)]
    public void WholeTicks_AgreeWithDoubles(int seed, int jobs)
    {
        AnnealingProblem problem = Problems.Of(seed, jobs, 4, 2);
        var table = new TimeTable();
        table.Fill(problem);
        int[] order = [.. Enumerable.Range(0, jobs)], sizes = [.. Enumerable.Repeat(4, jobs / 4)];
        var timeline = new Timeline();
        timeline.Set(table, order, sizes);
        ScheduleValue value = ScheduleValue.Of(problem, order, sizes);
        Assert.Equal(value.Met, timeline.Met);
        Assert.Equal(1, timeline.Total / table.TicksPerMillisecond / value.TotalMilliseconds, 6);
    }
}
