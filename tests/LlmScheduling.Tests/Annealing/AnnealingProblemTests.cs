namespace LlmScheduling.Tests.Annealing;

public sealed class AnnealingProblemTests
{
    [Theory]
    [InlineData(1_000_000, true)]
    [InlineData(1_000_001, false)]
    public void Check_OfSoManyJobsWithSamples_IsBoundedByWhatTheirCountMayBe(int jobs, bool isAllowed)
    {
        var problem = new AnnealingProblem
        {
            Jobs = Enumerable.Repeat(new AnnealingJob(1, 1), jobs).ToArray(),
            SampledOutputTokens = Enumerable.Repeat(1, jobs).ToArray(),
            Prefill = new LatencyCoefficients(0, 0, 0, 1),
            Decode = new LatencyCoefficients(0, 0, 0, 1),
            MaxBatch = 1,
        };
        ArgumentException? refusal = isAllowed ? null : Assert.Throws<ArgumentException>(problem.Check);
        if (isAllowed)
            problem.Check();
        else
            Assert.StartsWith("Jobs must be at most 1000000 where lengths are sampled.", refusal!.Message, StringComparison.Ordinal);
    }
}
