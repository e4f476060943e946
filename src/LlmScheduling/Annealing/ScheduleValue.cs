using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>What a schedule is worth, in double precision and straight from the latency model: the yardstick of everything else here.</summary>
/// <param name="Met">Requests that keep every limit; with sampled lengths the mean over the scenarios, as all three.</param>
/// <param name="TotalMilliseconds">The sum of all end-to-end latencies.</param>
/// <param name="MetPerSecond">Met requests per second of latency. The mean of the ratios, not the ratio of the means.</param>
internal readonly record struct ScheduleValue(double Met, double TotalMilliseconds, double MetPerSecond)
{
    /// <summary>The value where lengths are known.</summary>
    public ScheduleValue(int met, double totalMilliseconds)
        : this(met, totalMilliseconds, totalMilliseconds > 0 ? met / (totalMilliseconds / 1_000) : 0)
    {
    }

    public static ScheduleValue Of(AnnealingProblem problem, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes)
    {
        int scenarios = problem.ScenarioCount, jobs = problem.Jobs.Length;
        if (scenarios == 0)
            return OfOne(problem, [], order, sizes);
        double met = 0, total = 0, g = 0;
        for (int scenario = 0; scenario < scenarios; scenario++)
        {
            ScheduleValue one = OfOne(problem, problem.SampledOutputTokens.Span.Slice(scenario * jobs, jobs), order, sizes);
            (met, total, g) = (met + one.Met, total + one.TotalMilliseconds, g + one.MetPerSecond);
        }

        return new ScheduleValue(met / scenarios, total / scenarios, g / scenarios);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ScheduleValue OfOne(AnnealingProblem problem, ReadOnlySpan<int> outputs, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes)
    {
        ReadOnlySpan<AnnealingJob> jobs = problem.Jobs.Span;
        int met = 0, next = 0;
        double total = 0, wait = 0;
        foreach (int size in sizes)
        {
            double longest = 0;
            for (int last = next + size; next < last; next++)
            {
                AnnealingJob job = jobs[order[next]];
                if (!outputs.IsEmpty)
                    job = job with { OutputTokens = outputs[order[next]] };
                double prefill = problem.PrefillMilliseconds(job, size), decode = problem.DecodeMilliseconds(job, size);
                longest = Math.Max(longest, prefill + decode);
                total += wait + prefill + decode;
                if (wait + prefill + decode <= job.EndToEndMilliseconds && wait + prefill <= job.FirstTokenMilliseconds && decode / job.OutputTokens <= job.TokenMilliseconds)
                    met++;
            }

            wait += longest;
        }

        return new ScheduleValue(met, total);
    }
}
