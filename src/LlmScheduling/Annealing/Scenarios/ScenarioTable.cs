using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LlmScheduling;

/// <summary>
/// A problem with sampled lengths in whole ticks: how long each job runs in a batch of each size in each scenario, and its latest
/// start there that still meets its limits; as in <see cref="TimeTable"/>, with the scenarios side by side.
/// </summary>
internal sealed class ScenarioTable
{
    /// <summary>Scenarios that are looked at together.</summary>
    public const int Width = 16;

    /// <summary>
    /// Scenarios whose times stand side by side: those of all jobs and sizes follow before the next so many come. That keeps what one look
    /// at a schedule touches on few pages, and is as wide as a warp. Rows are padded to a multiple of it.
    /// </summary>
    public const int BlockWidth = 32;

    /// <summary>A met request counts so much more than one that is not: latency alone guides the search while none is met.</summary>
    public const int Head = 1024;

    private const double MostValue = 1L << 61;

    private int[] _runs = [], _latest = [], _ranks = [], _byRun = [];
    private double[] _outputs = [], _totals = [];
    private long[] _sums = [];

    public int JobCount { get; private set; }

    /// <summary>The largest batch: of the problem, or all jobs.</summary>
    public int MaxBatch { get; private set; }

    public int ScenarioCount { get; private set; }

    /// <summary>The length of a row: <see cref="ScenarioCount"/>, padded.</summary>
    public int Stride { get; private set; }

    public double TicksPerMillisecond { get; private set; }

    /// <summary>A power of two that turns G of one scenario into a whole number; the sum over the scenarios of any schedule stays below 2^62.</summary>
    public double Unit { get; private set; }

    /// <summary>Ticks that a job runs, at <see cref="PlaceOf"/> and <see cref="OffsetOf"/> of the scenario; 1 in the padding.</summary>
    public ReadOnlySpan<int> Runs => _runs;

    /// <summary>The latest start of its batch with which a job is met, or <see cref="TimeTable.Never"/>, at the same place.</summary>
    public ReadOnlySpan<int> Latest => _latest;

    /// <summary>The place of each job by its mean run in a full batch, the shortest first.</summary>
    public ReadOnlySpan<int> Ranks => _ranks.AsSpan(0, JobCount);

    /// <summary>How many numbers <see cref="Runs"/> and <see cref="Latest"/> hold.</summary>
    public int Entries => JobCount * MaxBatch * Stride;

    /// <summary>Where a job in a batch of some size stands within a block of scenarios.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PlaceOf(int job, int size) => (job * MaxBatch + size - 1) * BlockWidth;

    /// <summary>What a scenario adds to a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OffsetOf(int scenario) => scenario / BlockWidth * (JobCount * MaxBatch * BlockWidth) + scenario % BlockWidth;

    /// <summary>Reads a problem that was checked and has scenarios, or one without: its lengths are then the only scenario.</summary>
    public void Fill(AnnealingProblem problem)
    {
        (JobCount, MaxBatch, ScenarioCount) = (problem.Jobs.Length, Math.Min(problem.MaxBatch, problem.Jobs.Length), Math.Max(1, problem.ScenarioCount));
        Stride = (ScenarioCount + BlockWidth - 1) / BlockWidth * BlockWidth;
        if (_runs.Length < Entries)
            (_runs, _latest) = (new int[Entries], new int[Entries]);
        if (_sums.Length < JobCount)
            (_sums, _ranks, _byRun) = (new long[JobCount], new int[JobCount], new int[JobCount]);
        if (_outputs.Length < Stride)
            (_outputs, _totals) = (new double[Stride], new double[Stride]);
        TicksPerMillisecond = FinestTicks(problem);
        for (int job = 0; job < JobCount; job++)
        {
            ReadOutputs(problem, job);
            for (int size = 1; size <= MaxBatch; size++)
                FillRow(problem, problem.Jobs.Span[job], size, PlaceOf(job, size));
        }

        Rank();
        Unit = LargestUnit();
    }

    private double FinestTicks(AnnealingProblem problem)
    {
        double longest = 0;
        Span<double> totals = _totals.AsSpan(0, ScenarioCount);
        totals.Clear();
        for (int job = 0; job < JobCount; job++)
        {
            ReadOutputs(problem, job);
            AnnealingJob one = problem.Jobs.Span[job];
            for (int scenario = 0; scenario < totals.Length; scenario++)
            {
                one = one with { OutputTokens = (int)_outputs[scenario] };
                totals[scenario] += Math.Max(
                    problem.PrefillMilliseconds(one, 1) + problem.DecodeMilliseconds(one, 1),
                    problem.PrefillMilliseconds(one, MaxBatch) + problem.DecodeMilliseconds(one, MaxBatch));
            }
        }

        foreach (double total in totals)
            longest = Math.Max(longest, total);
        return TimeTable.FinestTicks(longest, JobCount, TimeTable.MostTicks);
    }

    private void ReadOutputs(AnnealingProblem problem, int job)
    {
        if (problem.ScenarioCount == 0)
            _outputs[0] = problem.Jobs.Span[job].OutputTokens;
        for (int scenario = 0; scenario < problem.ScenarioCount; scenario++)
            _outputs[scenario] = problem.SampledOutputTokens.Span[scenario * JobCount + job];
        _outputs.AsSpan(ScenarioCount, Stride - ScenarioCount).Fill(1);
    }

    /// <summary><see cref="TimeTable.Ticks"/> for all scenarios, the same operations in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillRow(AnnealingProblem problem, in AnnealingJob job, int size, int place)
    {
        (double ticks, double input) = (TicksPerMillisecond, job.InputTokens);
        LatencyCoefficients step = problem.Decode;
        double prefill = problem.PrefillMilliseconds(job, size), byFirstToken = Math.Round(job.FirstTokenMilliseconds * ticks) - Math.Round(prefill * ticks);
        Vector512<double> perStep = Vector512.Create(step.B * size + step.D), perToken = Vector512.Create(step.A * size + step.C);
        Vector512<double> byEnd = Vector512.Create(Math.Round(job.EndToEndMilliseconds * ticks)), firstToken = Vector512.Create(Math.Min(byFirstToken, TimeTable.MostTicks));
        Span<Vector512<long>> runs = stackalloc Vector512<long>[2], latest = stackalloc Vector512<long>[2];
        for (int scenario = 0; scenario < Stride; scenario += Width)
        {
            for (int half = 0; half < 2; half++)
            {
                Vector512<double> steps = Vector512.LoadUnsafe(ref _outputs[scenario + half * (Width / 2)]);
                Vector512<double> decode = steps * perStep + perToken * (steps * input + steps * (steps + Vector512.Create(1.0)) / 2);
                Vector512<double> run = Vector512.Max(Vector512.Create(1.0), Vector512.Round((Vector512.Create(prefill) + decode) * ticks));
                Vector512<double> start = Vector512.Min(byEnd - run, firstToken);
                Vector512<double> kept = Vector512.GreaterThanOrEqual(start, Vector512<double>.Zero) & Vector512.LessThanOrEqual(decode / steps, Vector512.Create(job.TokenMilliseconds));
                runs[half] = Vector512.ConvertToInt64(run);
                latest[half] = Vector512.ConvertToInt64(Vector512.ConditionalSelect(kept, start, Vector512.Create((double)TimeTable.Never)));
            }

            Vector512.Narrow(runs[0], runs[1]).StoreUnsafe(ref _runs[place + OffsetOf(scenario)]);
            Vector512.Narrow(latest[0], latest[1]).StoreUnsafe(ref _latest[place + OffsetOf(scenario)]);
        }

        int padding = place + OffsetOf(Stride - 1) + 1 - (Stride - ScenarioCount);
        _runs.AsSpan(padding, Stride - ScenarioCount).Fill(1);
        _latest.AsSpan(padding, Stride - ScenarioCount).Fill(TimeTable.Never);
    }

    private void Rank()
    {
        for (int job = 0; job < JobCount; job++)
        {
            long sum = 0;
            for (int scenario = 0, place = PlaceOf(job, MaxBatch); scenario < ScenarioCount; scenario++)
                sum += _runs[place + OffsetOf(scenario)];
            // The place in the problem decides between jobs that run as long, on every platform.
            (_sums[job], _byRun[job]) = (sum * JobCount + job, job);
        }

        _sums.AsSpan(0, JobCount).Sort(_byRun.AsSpan(0, JobCount));
        for (int rank = 0; rank < JobCount; rank++)
            _ranks[_byRun[rank]] = rank;
    }

    private double LargestUnit()
    {
        // Runs are linear in the size: none is shorter than at both ends.
        double least = double.MaxValue;
        for (int scenario = 0; scenario < ScenarioCount; scenario++)
        {
            long total = 0;
            for (int job = 0, offset = OffsetOf(scenario); job < JobCount; job++)
                total += Math.Min(_runs[PlaceOf(job, 1) + offset], _runs[PlaceOf(job, MaxBatch) + offset]);
            least = Math.Min(least, total);
        }

        double unit = 1;
        while (unit * 2 * ((double)Head * JobCount + 1) / least * ScenarioCount <= MostValue)
            unit *= 2;
        return unit;
    }
}
