using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>What a schedule is worth, in double precision and straight from the latency model: the yardstick of everything else here.</summary>
/// <param name="Met">Requests that keep every limit.</param>
/// <param name="TotalMilliseconds">The sum of all end-to-end latencies.</param>
internal readonly record struct ScheduleValue(int Met, double TotalMilliseconds)
{
    /// <summary>Met requests per second of latency.</summary>
    public double MetPerSecond => TotalMilliseconds > 0 ? Met / (TotalMilliseconds / 1_000) : 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ScheduleValue Of(AnnealingProblem problem, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes)
    {
        ReadOnlySpan<AnnealingJob> jobs = problem.Jobs.Span;
        int met = 0, next = 0;
        double total = 0, wait = 0;
        foreach (int size in sizes)
        {
            double longest = 0;
            for (int last = next + size; next < last; next++)
            {
                ref readonly AnnealingJob job = ref jobs[order[next]];
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
