namespace LlmScheduling.Tests.Annealing;

/// <summary>Generated problems: half end-to-end limits, half first token and token limits, that fit the time all jobs take.</summary>
internal static class Problems
{
    public static readonly LatencyCoefficients Prefill = new(0.1, 5.7, 0.01, 43.67);
    public static readonly LatencyCoefficients Decode = new(0.0002, 0.275, 0.00088, 15.85);

    /// <summary>One problem of a seed; <paramref name="tightness"/> 1 leaves about the time that all jobs take in full batches.</summary>
    public static AnnealingProblem Of(int seed, int jobs, int maxBatch, double tightness = 1, long? evaluations = 5_000, TimeSpan? time = null)
    {
        var random = new Random(seed);
        (int Input, int Output)[] lengths = [.. Enumerable.Range(0, jobs).Select(_ => (random.Next(10, 600), random.Next(10, 500)))];
        double makespan = lengths.Sum(length => Run(length, maxBatch)) / maxBatch;
        return new AnnealingProblem
        {
            Jobs = lengths.Select(length => Job(length, maxBatch, random, makespan / tightness)).ToArray(),
            Prefill = Prefill,
            Decode = Decode,
            MaxBatch = maxBatch,
            MaxEvaluations = evaluations,
            MaxTime = time,
            Seed = (ulong)seed,
        };
    }

    /// <summary>The same problem with sampled lengths around the jobs' own.</summary>
    public static AnnealingProblem Uncertain(AnnealingProblem problem, int scenarios, int seed)
    {
        var random = new Random(seed);
        AnnealingJob[] jobs = problem.Jobs.ToArray();
        return new AnnealingProblem
        {
            Jobs = jobs,
            SampledOutputTokens = Enumerable.Range(0, scenarios * jobs.Length).Select(i => 1 + (int)(jobs[i % jobs.Length].OutputTokens * 2 * random.NextDouble())).ToArray(),
            Prefill = problem.Prefill,
            Decode = problem.Decode,
            MaxBatch = problem.MaxBatch,
            MaxEvaluations = problem.MaxEvaluations,
            MaxTime = problem.MaxTime,
            Seed = problem.Seed,
        };
    }

    private static double Run((int Input, int Output) length, int size) =>
        Prefill.Milliseconds(size, length.Input) + Decode.SumOfSteps(size, length.Input, length.Output);

    private static AnnealingJob Job((int Input, int Output) length, int maxBatch, Random random, double time)
    {
        var job = new AnnealingJob(length.Input, length.Output);
        double slack = (0.05 + random.NextDouble()) * time;
        return random.Next(2) == 0
            ? job with { EndToEndMilliseconds = slack + Run(length, maxBatch) }
            : job with
            {
                FirstTokenMilliseconds = slack + Prefill.Milliseconds(maxBatch, length.Input),
                TokenMilliseconds = Decode.SumOfSteps(random.Next(1, maxBatch + 1), length.Input, length.Output) / length.Output + 0.01,
            };
    }
}
