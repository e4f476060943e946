using LlmScheduling.Benchmarks;

namespace LlmScheduling.GpuProof;

/// <summary>Problems for the published timeline whose output lengths are known as samples: log-normal around each request's median.</summary>
internal static class UncertainProblems
{
    private const double Spread = 0.7;

    private static readonly PublishedProblems Known = new(null, (0.2, 0.4, 0.6));

    /// <summary>The same requests for equal <paramref name="seed"/>; other samples for another <paramref name="sample"/>.</summary>
    public static AnnealingProblem Draw(int jobs, int maxBatch, string limits, int scenarios, int seed, int sample, TimeSpan? time = null, long? evaluations = null)
    {
        AnnealingProblem known = Known.Draw(jobs, maxBatch, limits, seed);
        var random = new Random(sample);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return new AnnealingProblem
        {
            Jobs = known.Jobs,
            SampledOutputTokens = Enumerable.Range(0, scenarios * jobs).Select(i => Math.Clamp((int)(known.Jobs.Span[i % jobs].OutputTokens * Math.Exp(Spread * Normal())), 1, 32_768)).ToArray(),
            Prefill = known.Prefill,
            Decode = known.Decode,
            MaxBatch = maxBatch,
            MaxTime = time,
            MaxEvaluations = evaluations,
            Seed = (ulong)seed,
        };
    }

    public static AnnealingSchedule Solve(IScheduleAnnealer annealer, AnnealingProblem problem)
    {
        var found = new AnnealingSchedule();
        annealer.AnnealAsync(problem, found).AsTask().GetAwaiter().GetResult();
        return found;
    }
}
