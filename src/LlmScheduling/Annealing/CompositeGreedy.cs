using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>
/// Builds a schedule batch by batch: each time the batch with the largest sum of weights per tick, over sizes and over how long
/// its longest job may run. A job weighs 1, and more the less slack it has left where the batch still meets its limits.
/// </summary>
/// <remarks>Smith's rule for whole batches: weight / time is what the next place in line earns (Smith, "Various Optimizers for Single-Stage Production", 1956).</remarks>
internal sealed class CompositeGreedy
{
    private const int MostSizes = 8;

    // A job that a smaller batch would still meet should wait for one.
    private const double WeightOfTheWrongSize = 0.2;

    private readonly int[] _candidates = new int[MostSizes];
    private int _candidateCount;
    private int[] _left = [], _latestOfAny = [], _members = [];
    private double[] _weights = [];
    private double _meanRun;

    /// <summary>Takes a problem's table.</summary>
    public void Begin(TimeTable table)
    {
        if (_left.Length < table.JobCount)
            (_left, _latestOfAny) = (new int[table.JobCount], new int[table.JobCount]);
        if (_members.Length < table.MaxBatch)
            (_members, _weights) = (new int[table.MaxBatch], new double[table.MaxBatch]);
        long sum = 0;
        for (int job = 0; job < table.JobCount; job++)
        {
            int latest = TimeTable.Never;
            foreach (int start in table.Latest.Slice(job * table.MaxBatch, table.MaxBatch))
                latest = Math.Max(latest, start);
            _latestOfAny[job] = latest;
            sum += table.Runs[job * table.MaxBatch + table.MaxBatch - 1];
        }

        _meanRun = (double)sum / table.JobCount;
        _candidateCount = 0;
        double ratio = Math.Max(1.0, Math.Pow(table.MaxBatch, 1.0 / (MostSizes - 1))), size = 1;
        for (int i = 0; i < MostSizes; i++, size *= ratio)
        {
            int rounded = table.MaxBatch <= MostSizes ? i + 1 : i == MostSizes - 1 ? table.MaxBatch : (int)Math.Round(size);
            if (rounded <= table.MaxBatch && (_candidateCount == 0 || rounded > _candidates[_candidateCount - 1]))
                _candidates[_candidateCount++] = rounded;
        }
    }

    /// <summary>Builds one schedule; how many batches. Where <paramref name="budget"/> ends first, full batches of the shortest jobs end it.</summary>
    /// <remarks><paramref name="urgency"/> is the most that slack adds to a weight; a slack of <paramref name="patience"/> mean runs halves it.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Build(TimeTable table, ReadOnlySpan<int> shortestFirst, double urgency, double patience, SearchBudget budget, Span<int> order, Span<int> sizes)
    {
        shortestFirst.CopyTo(_left);
        int left = shortestFirst.Length, batches = 0, start = 0;
        double scale = 1 / (patience * _meanRun);
        while (left > 0)
        {
            if (batches > 0 && budget.Used() >= 1)
            {
                _left.AsSpan(0, left).CopyTo(order[^left..]);
                return batches + RuleSchedule.Chunks(left, table.MaxBatch, sizes[batches..]);
            }

            (int size, int reach) = Best(table, left, start, urgency, scale);
            Gather(table, reach, size, start, urgency, scale);
            int longest = 0;
            for (int i = 0; i < size; i++)
            {
                int job = _left[_members[i]];
                order[order.Length - left + i] = job;
                longest = Math.Max(longest, table.Runs[job * table.MaxBatch + size - 1]);
            }

            left = Remove(left, size);
            sizes[batches++] = size;
            start += longest;
        }

        return batches;
    }

    /// <summary>The size and the number of shortest jobs to choose from that earn most per tick.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int Size, int Reach) Best(TimeTable table, int left, int start, double urgency, double scale)
    {
        (int Size, int Reach) best = (1, 1);
        double bestRate = 0;
        for (int candidate = _candidateCount - 1; candidate >= 0; candidate--)
        {
            int size = _candidates[candidate], longest = 0, lightest = 0;
            if (size > left)
                continue;
            double sum = 0, most = size * (1 + urgency);
            uint window = uint.MaxValue;
            for (int i = 0; i < left; i++)
            {
                int at = _left[i] * table.MaxBatch + size - 1;
                longest = Math.Max(longest, table.Runs[at]);
                if (most <= bestRate * longest)
                    break;
                // Most of the jobs that are no heavier than the lightest are told without their weight.
                if (i >= size && (uint)(table.Latest[at] - start) >= window)
                    continue;
                double weight = Weight(_left[i], table.Latest[at], start, urgency, scale);
                if (i < size)
                {
                    _weights[i] = weight;
                    sum += weight;
                    if (i < size - 1)
                        continue;
                }
                else if (weight > _weights[lightest])
                {
                    sum += weight - _weights[lightest];
                    _weights[lightest] = weight;
                }
                else
                {
                    continue;
                }

                lightest = Lightest(size);
                window = Window(_weights[lightest], urgency, scale);
                if (sum > bestRate * longest)
                    (bestRate, best) = (sum / longest, (size, i + 1));
            }
        }

        return best;
    }

    /// <summary>Collects the heaviest jobs of the first <paramref name="reach"/>, as positions in ascending order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(TimeTable table, int reach, int size, int start, double urgency, double scale)
    {
        int lightest = 0;
        for (int i = 0; i < reach; i++)
        {
            double weight = Weight(_left[i], table.Latest[_left[i] * table.MaxBatch + size - 1], start, urgency, scale);
            if (i >= size && weight <= _weights[lightest])
                continue;
            int place = i < size ? i : lightest;
            (_weights[place], _members[place]) = (weight, i);
            if (i >= size - 1)
                lightest = Lightest(size);
        }

        _members.AsSpan(0, size).Sort();
    }

    private double Weight(int job, int latest, int start, double urgency, double scale)
    {
        int slack = latest - start;
        return slack >= 0 ? 1 + urgency / (1 + slack * scale)
            : _latestOfAny[job] >= start ? WeightOfTheWrongSize
            : 1;
    }

    /// <summary>Slacks that are negative or not below it make a weight of at most <paramref name="lightest"/>.</summary>
    private static uint Window(double lightest, double urgency, double scale)
    {
        if (lightest <= 1)
            return uint.MaxValue;
        // One tick more than where the weight is the same, so that rounding cannot hide a heavier job.
        double slack = (urgency / (lightest - 1) - 1) / scale + 1;
        return slack < int.MaxValue ? (uint)Math.Max(1, slack + 1) : 1u + int.MaxValue;
    }

    private int Lightest(int size)
    {
        int lightest = 0;
        for (int i = 1; i < size; i++)
            lightest = _weights[i] < _weights[lightest] ? i : lightest;
        return lightest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Remove(int left, int size)
    {
        int kept = _members[0];
        for (int i = kept, member = 0; i < left; i++)
        {
            if (member < size && _members[member] == i)
                member++;
            else
                _left[kept++] = _left[i];
        }

        return kept;
    }
}
