using System.Numerics;
using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>
/// Finds the largest G of a small problem: extends every undominated way to serve a subset of the jobs by every batch that could
/// follow, and drops what cannot beat the best schedule known even if all hopeful jobs were met at the least latency.
/// </summary>
/// <remarks>Of two ways to serve the same jobs, one that ends no later, met no fewer and cost no more latency is enough: whatever follows is then no worse.</remarks>
internal sealed class ExactSearch
{
    private readonly ExactTimes _times = new();
    private readonly int[] _order = new int[ExactSchedule.MostJobs];
    private readonly int[] _sizes = new int[ExactSchedule.MostJobs];
    private ExactLabel[] _labels = new ExactLabel[1024];
    private int[] _firstOfSubset = [];
    private int _labelCount, _batches, _met;
    private long _total;

    public ReadOnlySpan<int> Order => _order.AsSpan(0, _times.JobCount);

    public ReadOnlySpan<int> Sizes => _sizes.AsSpan(0, _batches);

    /// <summary>Batches that were appended to some way.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Searches, beginning with a schedule that is known.</summary>
    public void Run(AnnealingProblem problem, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes, CancellationToken cancellationToken)
    {
        _times.Fill(problem);
        Know(order, sizes);
        int all = (1 << _times.JobCount) - 1;
        if (_firstOfSubset.Length <= all)
            _firstOfSubset = new int[all + 1];
        _firstOfSubset.AsSpan(0, all + 1).Fill(-1);
        (_labelCount, Evaluations) = (0, 0);
        Add(0, new ExactLabel(0, 0, 0, 0, -1, -1));
        int best = -1;

        // A subset's ways all come from smaller numbers.
        for (int subset = 0; subset < all; subset++)
        {
            if (subset % 256 == 0)
                cancellationToken.ThrowIfCancellationRequested();
            for (int label = _firstOfSubset[subset]; label >= 0; label = _labels[label].NextOfSubset)
                best = Extend(subset, all & ~subset, label, best);
        }

        if (best >= 0)
            Trace(best);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Extend(int subset, int rest, int label, int best)
    {
        ExactLabel from = _labels[label];
        int left = BitOperations.PopCount((uint)rest), hopeful = from.Met + BitOperations.PopCount((uint)(rest & _times.Hopeful(from.End)));
        if (!CanWin(hopeful, from.Total + left * from.End + _times.LeastLatency(rest)))
            return best;
        for (int batch = rest; batch != 0; batch = (batch - 1) & rest)
        {
            int size = BitOperations.PopCount((uint)batch), after = rest & ~batch;
            if (size > _times.MaxBatch)
                continue;
            Evaluations++;
            long end = from.End + _times.Duration(batch), total = from.Total + size * from.End + _times.SumOfRuns(batch);
            long least = total + (left - size) * end + _times.LeastLatency(after);
            if (!CanWin(hopeful, least))
                continue;
            int met = from.Met + _times.Met(batch, from.End);
            if (!CanWin(met + BitOperations.PopCount((uint)(after & _times.Hopeful(end))), least))
                continue;
            if (after == 0)
                (_met, _total, best) = (met, total, Push(new ExactLabel(end, total, met, batch, label, -1)));
            else
                Add(subset | batch, new ExactLabel(end, total, met, batch, label, -1));
        }

        return best;
    }

    private bool CanWin(int met, long total) => met * _total > _met * total;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(int subset, ExactLabel label)
    {
        for (int i = _firstOfSubset[subset]; i >= 0; i = _labels[i].NextOfSubset)
        {
            ref readonly ExactLabel other = ref _labels[i];
            if (other.End <= label.End && other.Total <= label.Total && other.Met >= label.Met)
                return;
        }

        int previous = -1, next;
        for (int i = _firstOfSubset[subset]; i >= 0; i = next)
        {
            ref readonly ExactLabel other = ref _labels[i];
            next = other.NextOfSubset;
            if (label.End > other.End || label.Total > other.Total || label.Met < other.Met)
                previous = i;
            else if (previous < 0)
                _firstOfSubset[subset] = next;
            else
                _labels[previous] = _labels[previous] with { NextOfSubset = next };
        }

        _firstOfSubset[subset] = Push(label with { NextOfSubset = _firstOfSubset[subset] });
    }

    private int Push(in ExactLabel label)
    {
        if (_labelCount == _labels.Length)
            Array.Resize(ref _labels, 2 * _labelCount);
        _labels[_labelCount] = label;
        return _labelCount++;
    }

    private void Know(ReadOnlySpan<int> order, ReadOnlySpan<int> sizes)
    {
        order.CopyTo(_order);
        sizes.CopyTo(_sizes);
        (_batches, _met, _total) = (sizes.Length, 0, 0);
        long start = 0;
        int next = 0;
        foreach (int size in sizes)
        {
            int batch = 0;
            foreach (int job in order.Slice(next, size))
                batch |= 1 << _times.BitOf(job);
            _met += _times.Met(batch, start);
            _total += size * start + _times.SumOfRuns(batch);
            start += _times.Duration(batch);
            next += size;
        }
    }

    private void Trace(int label)
    {
        _batches = 0;
        for (int i = label; _labels[i].Previous >= 0; i = _labels[i].Previous)
            _batches++;
        int place = _batches, end = _times.JobCount;
        for (int i = label; _labels[i].Previous >= 0; i = _labels[i].Previous)
        {
            _sizes[--place] = BitOperations.PopCount((uint)_labels[i].LastBatch);
            for (int rest = _labels[i].LastBatch; rest != 0; rest &= rest - 1)
                _order[--end] = _times.Job(BitOperations.TrailingZeroCount(rest));
        }
    }
}
