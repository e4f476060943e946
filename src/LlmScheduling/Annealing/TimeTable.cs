using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>
/// A problem in whole ticks: how long each job runs in a batch of each size, and its latest start there that still meets its
/// limits, so that a job is met exactly when its batch starts no later.
/// </summary>
/// <remarks>A tick is the finest power of ten of a millisecond with which no time exceeds 2^30: differences of times then never overflow.</remarks>
internal sealed class TimeTable
{
    /// <summary>The latest start of a job that is met at no time.</summary>
    public const int Never = -(1 << 30);

    /// <summary>The longest problem, about 31,000 years.</summary>
    public const double MostMilliseconds = 1e15;

    /// <summary>The longest time.</summary>
    public const int MostTicks = (1 << 30) - 1;

    private int[] _runs = [];
    private int[] _latest = [];

    public int JobCount { get; private set; }

    /// <summary>The largest batch: of the problem, or all jobs.</summary>
    public int MaxBatch { get; private set; }

    public double TicksPerMillisecond { get; private set; }

    /// <summary>Ticks that a job runs, at <c>job * MaxBatch + size - 1</c>.</summary>
    public ReadOnlySpan<int> Runs => _runs;

    /// <summary>The latest start of its batch with which a job is met, or <see cref="Never"/>, at <c>job * MaxBatch + size - 1</c>.</summary>
    public ReadOnlySpan<int> Latest => _latest;

    /// <summary>Reads a problem that was checked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(AnnealingProblem problem)
    {
        (JobCount, MaxBatch) = (problem.Jobs.Length, Math.Min(problem.MaxBatch, problem.Jobs.Length));
        if (_runs.Length < JobCount * MaxBatch)
            (_runs, _latest) = (new int[JobCount * MaxBatch], new int[JobCount * MaxBatch]);
        TicksPerMillisecond = FinestTicks(problem, MaxBatch, MostTicks);
        ReadOnlySpan<AnnealingJob> jobs = problem.Jobs.Span;
        for (int job = 0, at = 0; job < jobs.Length; job++)
        {
            for (int size = 1; size <= MaxBatch; size++, at++)
                (_runs[at], _latest[at]) = ((int)Ticks(problem, jobs[job], size, TicksPerMillisecond, out long latest), (int)Math.Clamp(latest, Never, MostTicks));
        }
    }

    /// <summary>The largest power of ten of ticks per millisecond with which all jobs one by one end within <paramref name="most"/> ticks.</summary>
    public static double FinestTicks(AnnealingProblem problem, int maxBatch, double most)
    {
        double total = 0;
        foreach (ref readonly AnnealingJob job in problem.Jobs.Span)
        {
            total += Math.Max(
                problem.PrefillMilliseconds(job, 1) + problem.DecodeMilliseconds(job, 1),
                problem.PrefillMilliseconds(job, maxBatch) + problem.DecodeMilliseconds(job, maxBatch));
        }

        return FinestTicks(total, problem.Jobs.Length, most);
    }

    /// <summary>The same for jobs that one by one take <paramref name="milliseconds"/>, each rounded to whole ticks.</summary>
    public static double FinestTicks(double milliseconds, int jobs, double most)
    {
        // A ladder of products instead of a logarithm, whose last bit differs between platforms.
        double ticks = 1e6;
        while (milliseconds * ticks + jobs > most)
            ticks /= 10;
        return ticks;
    }

    /// <summary>A job's run and latest start in ticks, each rounded to the nearest; negative starts and decode steps that are too slow are <see cref="Never"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Ticks(AnnealingProblem problem, in AnnealingJob job, int size, double ticksPerMillisecond, out long latest)
    {
        double prefill = problem.PrefillMilliseconds(job, size), decode = problem.DecodeMilliseconds(job, size);
        long run = Math.Max(1, (long)Math.Round((prefill + decode) * ticksPerMillisecond));
        double byEnd = Math.Round(job.EndToEndMilliseconds * ticksPerMillisecond) - run;
        double byFirstToken = Math.Round(job.FirstTokenMilliseconds * ticksPerMillisecond) - Math.Round(prefill * ticksPerMillisecond);
        double start = Math.Min(Math.Min(byEnd, byFirstToken), long.MaxValue / 4);
        latest = start >= 0 && decode / job.OutputTokens <= job.TokenMilliseconds ? (long)start : Never;
        return run;
    }
}
