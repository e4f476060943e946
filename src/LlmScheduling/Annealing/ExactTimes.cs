using System.Numerics;
using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>A small problem in ticks of a nanosecond, with what every subset of its jobs takes as one batch. Jobs are bits, those that stay hopeful longest first.</summary>
internal sealed class ExactTimes
{
    // 16 requests times the sum of 16 latencies stays in 63 bits.
    private const double MostTicks = 1L << 50;

    private readonly int[] _jobs = new int[ExactSchedule.MostJobs];
    private readonly long[] _latestOfAny = new long[ExactSchedule.MostJobs];
    private readonly int[] _byShortest = new int[ExactSchedule.MostJobs];
    private readonly long[] _shortest = new long[ExactSchedule.MostJobs];
    private readonly long[] _runs = new long[ExactSchedule.MostJobs * ExactSchedule.MostJobs];
    private readonly long[] _latest = new long[ExactSchedule.MostJobs * ExactSchedule.MostJobs];
    private long[] _durations = [], _sums = [], _leastLatency = [];

    public int JobCount { get; private set; }

    public int MaxBatch { get; private set; }

    /// <summary>The job of a bit.</summary>
    public int Job(int bit) => _jobs[bit];

    public int BitOf(int job) => _jobs.AsSpan(0, JobCount).IndexOf(job);

    public long Duration(int subset) => _durations[subset];

    public long SumOfRuns(int subset) => _sums[subset];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(AnnealingProblem problem)
    {
        (JobCount, MaxBatch) = (problem.Jobs.Length, Math.Min(problem.MaxBatch, problem.Jobs.Length));
        double ticks = TimeTable.FinestTicks(problem, MaxBatch, MostTicks);
        ReadOnlySpan<AnnealingJob> jobs = problem.Jobs.Span;
        for (int job = 0; job < JobCount; job++)
        {
            long latestOfAny = TimeTable.Never;
            for (int size = 1; size <= MaxBatch; size++)
            {
                TimeTable.Ticks(problem, jobs[job], size, ticks, out long latest);
                latestOfAny = Math.Max(latestOfAny, latest);
            }

            (_jobs[job], _latestOfAny[job]) = (job, -latestOfAny);
        }

        _latestOfAny.AsSpan(0, JobCount).Sort(_jobs.AsSpan(0, JobCount));
        for (int bit = 0; bit < JobCount; bit++)
        {
            (_latestOfAny[bit], _byShortest[bit], _shortest[bit]) = (-_latestOfAny[bit], bit, long.MaxValue);
            for (int size = 1; size <= MaxBatch; size++)
            {
                int at = bit * ExactSchedule.MostJobs + size - 1;
                _runs[at] = TimeTable.Ticks(problem, jobs[_jobs[bit]], size, ticks, out _latest[at]);
                _shortest[bit] = Math.Min(_shortest[bit], _runs[at]);
            }
        }

        SortByShortest();
        FillSubsets();
    }

    /// <summary>Jobs of a batch that are met if it starts then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Met(int subset, long start)
    {
        int met = 0, column = BitOperations.PopCount((uint)subset) - 1;
        for (int rest = subset; rest != 0; rest &= rest - 1)
            met += start <= _latest[BitOperations.TrailingZeroCount(rest) * ExactSchedule.MostJobs + column] ? 1 : 0;
        return met;
    }

    /// <summary>The bits of all jobs that some batch could still meet if it starts then.</summary>
    public int Hopeful(long start)
    {
        int hopeful = 0;
        while (hopeful < JobCount && _latestOfAny[hopeful] >= start)
            hopeful++;
        return (1 << hopeful) - 1;
    }

    /// <summary>A bound from below of the sum of latencies of these jobs, were they to start now.</summary>
    /// <remarks>
    /// Each runs its shortest time at least. The first q batches hold q jobs or more, so together they last as long as the q
    /// shortest at least, and all but q times the largest batch wait for them.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long LeastLatency(int subset)
    {
        long least = _leastLatency[subset];
        if (least > 0 || subset == 0)
            return least;
        int behind = BitOperations.PopCount((uint)subset);
        for (int i = 0; i < JobCount; i++)
        {
            int bit = _byShortest[i];
            if ((subset >> bit & 1) == 0)
                continue;
            behind -= MaxBatch;
            least += _shortest[bit] * (1 + Math.Max(0, behind));
        }

        return _leastLatency[subset] = least;
    }

    private void SortByShortest()
    {
        for (int i = 1; i < JobCount; i++)
        {
            for (int at = i; at > 0 && _shortest[_byShortest[at]] < _shortest[_byShortest[at - 1]]; at--)
                (_byShortest[at], _byShortest[at - 1]) = (_byShortest[at - 1], _byShortest[at]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillSubsets()
    {
        int subsets = 1 << JobCount;
        if (_durations.Length < subsets)
            (_durations, _sums, _leastLatency) = (new long[subsets], new long[subsets], new long[subsets]);
        _leastLatency.AsSpan(0, subsets).Clear();
        for (int subset = 1; subset < subsets; subset++)
        {
            int size = BitOperations.PopCount((uint)subset);
            if (size > MaxBatch)
                continue;
            long longest = 0, sum = 0;
            for (int rest = subset; rest != 0; rest &= rest - 1)
            {
                long run = _runs[BitOperations.TrailingZeroCount(rest) * ExactSchedule.MostJobs + size - 1];
                longest = Math.Max(longest, run);
                sum += run;
            }

            (_durations[subset], _sums[subset]) = (longest, sum);
        }
    }
}
