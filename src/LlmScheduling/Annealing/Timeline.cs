using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>
/// A schedule in whole ticks that knows what a move would change without evaluating the rest: the latency in the size of two
/// batches, the met requests by one sweep over the slacks of those that shift.
/// </summary>
/// <remarks>Slack is a job's latest start in a batch of its size less the start of its batch: it is met when the slack is not below 0.</remarks>
internal sealed class Timeline
{
    private TimeTable _table = new();
    private int[] _job = [], _slack = [], _batchOf = [];
    private int[] _offset = [], _start = [], _duration = [], _runs = [], _moved = [];

    public int JobCount { get; private set; }

    public int BatchCount { get; private set; }

    public int MaxBatch => _table.MaxBatch;

    public int Met { get; private set; }

    public long Total { get; private set; }

    public ReadOnlySpan<int> Order => _job.AsSpan(0, JobCount);

    public ReadOnlySpan<int> Slacks => _slack.AsSpan(0, JobCount);

    public ReadOnlySpan<int> Starts => _start.AsSpan(0, BatchCount);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<int> Jobs(int batch) => _job.AsSpan(_offset[batch], Size(batch));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Size(int batch) => _offset[batch + 1] - _offset[batch];

    public int Offset(int batch) => _offset[batch];

    /// <summary>The batch of the job at a position of <see cref="Order"/>.</summary>
    public int BatchAt(int position) => _batchOf[position];

    public int Runs(int job, int size) => _table.Runs[job * MaxBatch + size - 1];

    /// <summary>Begins with a schedule; all of it is evaluated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Set(TimeTable table, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes)
    {
        (_table, JobCount, BatchCount) = (table, order.Length, sizes.Length);
        if (_job.Length < order.Length)
        {
            (_job, _slack, _batchOf, _moved) = (new int[order.Length], new int[order.Length], new int[order.Length], new int[order.Length]);
            (_offset, _start) = (new int[order.Length + 1], new int[order.Length + 1]);
            (_duration, _runs) = (new int[order.Length], new int[order.Length]);
        }

        (Met, Total) = (0, 0);
        int offset = 0, start = 0;
        for (int batch = 0; batch < sizes.Length; batch++)
        {
            ReadOnlySpan<int> jobs = order.Slice(offset, sizes[batch]);
            Place(batch, offset, start, jobs);
            Met += Slack.Met(_slack.AsSpan(offset, jobs.Length));
            Total += (long)start * jobs.Length + _runs[batch];
            (offset, start) = (offset + jobs.Length, start + _duration[batch]);
        }

        (_offset[sizes.Length], _start[sizes.Length]) = (offset, start);
    }

    /// <summary>Copies the sizes of all batches; how many.</summary>
    public int CopySizes(Span<int> sizes)
    {
        for (int batch = 0; batch < BatchCount; batch++)
            sizes[batch] = Size(batch);
        return BatchCount;
    }

    /// <summary>What the change would make of G: whether it reaches <paramref name="least"/>, with <paramref name="head"/> added to the met requests.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Reaches(BatchChange change, double least, double head, out MoveValue value)
    {
        int first = change.FirstBatch, second = change.SecondBatch;
        int firstEnd = change.IsFirstNew ? first : first + 1, after = change.IsSecondNew ? second : second + 1;
        (int duration, int runs) = Runs(change.First);
        int shift = duration - (change.IsFirstNew ? 0 : _duration[first]);
        (int secondDuration, int secondRuns) = Runs(change.Second);
        int shiftAfter = shift + secondDuration - (change.IsSecondNew ? 0 : _duration[second]);
        int firstStart = _start[first], secondStart = _start[second], between = _offset[firstEnd], until = _offset[second], rest = _offset[after];
        long total = Total + runs - (change.IsFirstNew ? 0 : _runs[first]) + secondRuns - (change.IsSecondNew ? 0 : _runs[second])
            + (long)firstStart * (change.First.Length - (between - _offset[first]))
            + (long)(secondStart + shift) * change.Second.Length - (long)secondStart * (rest - until)
            + (long)shift * (until - between) + (long)shiftAfter * (JobCount - rest);

        // Many moves fall here: not even if all that changes or comes earlier were met would they be good enough.
        int mostGain = (shift < 0 ? until - between : 0) + (shiftAfter < 0 ? JobCount - rest : 0);
        if (Met + Math.Min(mostGain + change.First.Length + change.Second.Length, JobCount - Met) < least * total - head)
        {
            value = default;
            return false;
        }

        int met = Met + MetAt(change.First, firstStart) + MetAt(change.Second, secondStart + shift)
            - Slack.Met(_slack.AsSpan(_offset[first], between - _offset[first])) - Slack.Met(_slack.AsSpan(until, rest - until));
        return Reaches(met, total, shift, _slack.AsSpan(between, until - between), shiftAfter, _slack.AsSpan(rest, JobCount - rest), least, head, out value);
    }

    /// <summary>The same for two runs of batches that change places: from <paramref name="first"/> up to <paramref name="middle"/>, and from there up to <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool ReachesExchange(int first, int middle, int end, double least, double head, out MoveValue value)
    {
        int later = _start[end] - _start[middle], earlier = _start[first] - _start[middle];
        ReadOnlySpan<int> left = _slack.AsSpan(_offset[first], _offset[middle] - _offset[first]);
        ReadOnlySpan<int> right = _slack.AsSpan(_offset[middle], _offset[end] - _offset[middle]);
        long total = Total + (long)later * left.Length + (long)earlier * right.Length;
        return Reaches(Met, total, later, left, earlier, right, least, head, out value);
    }

    /// <summary>Makes the change whose value <see cref="Reaches(BatchChange, double, double, out MoveValue)"/> gave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(BatchChange change, in MoveValue value)
    {
        int first = change.FirstBatch, second = change.SecondBatch;
        int firstEnd = change.IsFirstNew ? first : first + 1, after = change.IsSecondNew ? second : second + 1;
        int from = _offset[firstEnd], until = _offset[second], rest = _offset[after], firstOffset = _offset[first];
        int firstStart = _start[first], secondStart = _start[second] + value.FirstShift;
        Slack.Add(_slack.AsSpan(from, until - from), -value.FirstShift);
        Slack.Add(_slack.AsSpan(rest, JobCount - rest), -value.SecondShift);
        Slack.Add(_start.AsSpan(firstEnd, second - firstEnd), value.FirstShift);
        Slack.Add(_start.AsSpan(after, BatchCount + 1 - after), value.SecondShift);

        int wider = firstOffset + change.First.Length - from;
        if (wider != 0)
        {
            foreach (int[] row in (ReadOnlySpan<int[]>)[_job, _slack, _batchOf])
                row.AsSpan(from, until - from).CopyTo(row.AsSpan(from + wider));
            Slack.Add(_offset.AsSpan(firstEnd, second - firstEnd), wider);
        }

        int firstMove = first + (change.First.IsEmpty ? 0 : 1) - firstEnd;
        int secondBatch = second + firstMove, restMove = secondBatch + (change.Second.IsEmpty ? 0 : 1) - after;
        // What moves towards the end needs its place freed first.
        if (firstMove > 0)
            MoveBatches(after, BatchCount + 1, restMove, rest, JobCount);
        MoveBatches(firstEnd, second, firstMove, from + wider, until + wider);
        if (firstMove <= 0)
            MoveBatches(after, BatchCount + 1, restMove, rest, JobCount);
        BatchCount += restMove;

        Place(first, firstOffset, firstStart, change.First);
        Place(secondBatch, until + wider, secondStart, change.Second);
        (Met, Total) = (value.Met, value.Total);
    }

    /// <summary>Makes the exchange whose value <see cref="ReachesExchange"/> gave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ApplyExchange(int first, int middle, int end, in MoveValue value)
    {
        int from = _offset[first], cut = _offset[middle], until = _offset[end];
        Shift(first, middle, from, cut, value.FirstShift, until - cut, end - middle);
        Shift(middle, end, cut, until, value.SecondShift, from - cut, first - middle);
        foreach (int[] row in (ReadOnlySpan<int[]>)[_job, _slack, _batchOf])
            Exchange(row.AsSpan(from, until - from), cut - from);
        foreach (int[] row in (ReadOnlySpan<int[]>)[_offset, _start, _duration, _runs])
            Exchange(row.AsSpan(first, end - first), middle - first);
        (Met, Total) = (value.Met, value.Total);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Reaches(
        int met, long total, int shift, ReadOnlySpan<int> shifted, int otherShift, ReadOnlySpan<int> others, double least, double head, out MoveValue value)
    {
        double needed = least * total - head;
        int mostGain = (shift < 0 ? shifted.Length : 0) + (otherShift < 0 ? others.Length : 0);
        if (met + mostGain < needed)
        {
            value = default;
            return false;
        }

        met += Slack.MetAfterShift(shifted, shift) + Slack.MetAfterShift(others, otherShift);
        value = new MoveValue(met, total, shift, otherShift);
        return met >= needed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (int Longest, int Sum) Runs(ReadOnlySpan<int> jobs)
    {
        int longest = 0, sum = 0, width = MaxBatch;
        ReadOnlySpan<int> runs = _table.Runs;
        foreach (int job in jobs)
        {
            int run = runs[job * width + jobs.Length - 1];
            longest = Math.Max(longest, run);
            sum += run;
        }

        return (longest, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int MetAt(ReadOnlySpan<int> jobs, int start)
    {
        int met = 0, width = MaxBatch;
        ReadOnlySpan<int> latest = _table.Latest;
        foreach (int job in jobs)
            met += start <= latest[job * width + jobs.Length - 1] ? 1 : 0;
        return met;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Place(int batch, int offset, int start, ReadOnlySpan<int> jobs)
    {
        if (jobs.IsEmpty)
            return;
        (_offset[batch], _start[batch]) = (offset, start);
        jobs.CopyTo(_job.AsSpan(offset));
        _batchOf.AsSpan(offset, jobs.Length).Fill(batch);
        (_duration[batch], _runs[batch]) = Runs(jobs);
        for (int i = 0; i < jobs.Length; i++)
            _slack[offset + i] = _table.Latest[jobs[i] * MaxBatch + jobs.Length - 1] - start;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MoveBatches(int from, int until, int by, int firstPosition, int endPosition)
    {
        if (by == 0)
            return;
        foreach (int[] row in (ReadOnlySpan<int[]>)[_offset, _start])
            row.AsSpan(from, until - from).CopyTo(row.AsSpan(from + by));
        int durations = Math.Min(until, BatchCount) - from;
        foreach (int[] row in (ReadOnlySpan<int[]>)[_duration, _runs])
            row.AsSpan(from, durations).CopyTo(row.AsSpan(from + by));
        Slack.Add(_batchOf.AsSpan(firstPosition, endPosition - firstPosition), by);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Shift(int firstBatch, int endBatch, int from, int until, int later, int positions, int batches)
    {
        Slack.Add(_slack.AsSpan(from, until - from), -later);
        Slack.Add(_batchOf.AsSpan(from, until - from), batches);
        Slack.Add(_start.AsSpan(firstBatch, endBatch - firstBatch), later);
        Slack.Add(_offset.AsSpan(firstBatch, endBatch - firstBatch), positions);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Exchange(Span<int> row, int middle)
    {
        Span<int> left = _moved.AsSpan(0, middle);
        row[..middle].CopyTo(left);
        row[middle..].CopyTo(row);
        left.CopyTo(row[^middle..]);
    }
}
