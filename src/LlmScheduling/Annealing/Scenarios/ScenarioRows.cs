using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LlmScheduling;

/// <summary>When each batch starts in each scenario, and the sum of its jobs' runs; a batch keeps its row while others come and go before it.</summary>
internal sealed class ScenarioRows
{
    private ScenarioTable _table = new();
    private int[] _rows = [], _nextRows = [], _starts = [], _runs = [];

    /// <summary>Begins with no batch: the first starts at 0.</summary>
    public void Begin(ScenarioTable table)
    {
        _table = table;
        int jobs = table.JobCount;
        if (_rows.Length < jobs + 1)
            (_rows, _nextRows) = (new int[jobs + 1], new int[jobs + 1]);
        if (_starts.Length < (jobs + 1) * table.Stride)
            (_starts, _runs) = (new int[(jobs + 1) * table.Stride], new int[(jobs + 1) * table.Stride]);
        for (int row = 0; row <= jobs; row++)
            _rows[row] = row;
        Start(0).Clear();
    }

    /// <summary>The starts of a batch in a chunk of scenarios; of the one behind the last, the end of all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<int> StartOf(int batch, int at) => Vector512.LoadUnsafe(ref _starts[_rows[batch] * _table.Stride + at]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<int> RunsOf(int batch, int at) => Vector512.LoadUnsafe(ref _runs[_rows[batch] * _table.Stride + at]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetStart(int batch, int at, Vector512<int> start) => start.StoreUnsafe(ref _starts[_rows[batch] * _table.Stride + at]);

    /// <summary>Adds up the runs of a batch whose jobs are at these places of the table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SumRuns(int batch, ReadOnlySpan<int> places)
    {
        Span<int> sums = _runs.AsSpan(_rows[batch] * _table.Stride, _table.Stride);
        sums.Clear();
        for (int scenario = 0; scenario < sums.Length; scenario += ScenarioTable.BlockWidth)
        {
            foreach (int place in places)
                Slack.Add(sums.Slice(scenario, ScenarioTable.BlockWidth), _table.Runs.Slice(place + _table.OffsetOf(scenario), ScenarioTable.BlockWidth));
        }
    }

    /// <summary>Makes a move's shifts and gives every batch its row, before the batches themselves change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(in ScenarioMove move, int batches, ReadOnlySpan<int> shift, ReadOnlySpan<int> otherShift)
    {
        (int first, int second) = move.IsExchange ? (0, 0) : PlaceChanged(move, batches, shift);
        (int from, int until, int otherFrom, int otherUntil) = move.Shifted(batches);
        for (int batch = from; batch < until; batch++)
            Slack.Add(Start(batch), shift);
        // Batches that change places leave the end of all where it is.
        for (int batch = otherFrom; batch < (move.IsExchange ? otherUntil : otherUntil + 1); batch++)
            Slack.Add(Start(batch), otherShift);

        _rows.AsSpan(0, _table.JobCount + 1).CopyTo(_nextRows);
        int next = move.First;
        if (move.IsExchange)
        {
            Move(move.Second, move.End, ref next);
            Move(move.First, move.Second, ref next);
        }
        else
        {
            if (move.FirstCount > 0)
                _nextRows[next++] = first;
            Move(move.FirstEnd, move.Second, ref next);
            if (move.SecondCount > 0)
                _nextRows[next++] = second;
            Move(move.After, batches + 1, ref next);
            if (move.FirstCount == 0)
                _nextRows[next++] = first;
            if (move.SecondCount == 0)
                _nextRows[next++] = second;
            Move(batches + 1 + (move.IsFirstNew || move.IsSecondNew ? 1 : 0), _table.JobCount + 1, ref next);
        }

        (_rows, _nextRows) = (_nextRows, _rows);
    }

    private Span<int> Start(int batch) => _starts.AsSpan(_rows[batch] * _table.Stride, _table.Stride);

    /// <summary>Gives the two batches that change their rows and starts.</summary>
    private (int First, int Second) PlaceChanged(in ScenarioMove move, int batches, ReadOnlySpan<int> shift)
    {
        int free = batches + 1, first = move.First, second = move.Second;
        if (move.IsFirstNew)
        {
            Start(first).CopyTo(Start(free));
            first = free;
        }

        if (move.IsSecondNew)
        {
            Start(second).CopyTo(Start(free));
            second = free;
        }

        Slack.Add(Start(second), shift);
        return (_rows[first], _rows[second]);
    }

    private void Move(int from, int until, ref int next)
    {
        _rows.AsSpan(from, until - from).CopyTo(_nextRows.AsSpan(next));
        next += until - from;
    }
}
