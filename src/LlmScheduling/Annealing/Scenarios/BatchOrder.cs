using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>Which jobs each batch holds, changed move by move. The jobs of a batch keep their order where they stay together, those of the first batch first.</summary>
internal sealed class BatchOrder
{
    private int[] _order = [], _batchOf = [], _offsets = [], _moved = [];

    public int JobCount { get; private set; }

    public int BatchCount { get; private set; }

    public ReadOnlySpan<int> Order => _order.AsSpan(0, JobCount);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Offset(int batch) => _offsets[batch];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Size(int batch) => _offsets[batch + 1] - _offsets[batch];

    /// <summary>The batch of the job at a position of <see cref="Order"/>.</summary>
    public int BatchAt(int position) => _batchOf[position];

    public void Set(ReadOnlySpan<int> order, ReadOnlySpan<int> sizes)
    {
        (JobCount, BatchCount) = (order.Length, sizes.Length);
        if (_order.Length < order.Length)
            (_order, _batchOf, _offsets, _moved) = (new int[order.Length], new int[order.Length], new int[order.Length + 1], new int[order.Length + 1]);
        order.CopyTo(_order);
        _offsets[0] = 0;
        for (int batch = 0; batch < sizes.Length; batch++)
            _offsets[batch + 1] = _offsets[batch] + sizes[batch];
        NumberFrom(0);
    }

    /// <summary>Copies the sizes of all batches; how many.</summary>
    public int CopySizes(Span<int> sizes)
    {
        for (int batch = 0; batch < BatchCount; batch++)
            sizes[batch] = Size(batch);
        return BatchCount;
    }

    /// <summary>Whether the job at a position goes to the second batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool GoesSecond(in ScenarioMove move, ReadOnlySpan<int> ranks, int position) =>
        move.Pivot >= 0 ? ranks[_order[position]] > move.Pivot : (position >= _offsets[move.Second]) ^ (position == move.Flip) ^ (position == move.OtherFlip);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(in ScenarioMove move, ReadOnlySpan<int> ranks)
    {
        if (move.IsExchange)
            Exchange(move.First, move.Second, move.End);
        else
            Share(move, ranks);
        NumberFrom(move.First);
    }

    private void Share(in ScenarioMove move, ReadOnlySpan<int> ranks)
    {
        int from = _offsets[move.First], firstEnd = _offsets[move.FirstEnd], second = _offsets[move.Second], end = _offsets[move.After];
        int between = second - firstEnd, toFirst = from, toSecond = from + move.FirstCount + between;
        for (int position = from; position < end; position++)
        {
            bool stays = position >= firstEnd && position < second;
            _moved[stays ? position - firstEnd + from + move.FirstCount : GoesSecond(move, ranks, position) ? toSecond++ : toFirst++] = _order[position];
        }

        _moved.AsSpan(from, end - from).CopyTo(_order.AsSpan(from));

        int batch = move.First, wider = from + move.FirstCount - firstEnd;
        _offsets.AsSpan(0, BatchCount + 1).CopyTo(_moved);
        if (move.FirstCount > 0)
            _offsets[batch++] = from;
        for (int old = move.FirstEnd; old < move.Second; old++)
            _offsets[batch++] = _moved[old] + wider;
        if (move.SecondCount > 0)
            _offsets[batch++] = second + wider;
        _moved.AsSpan(move.After, BatchCount + 1 - move.After).CopyTo(_offsets.AsSpan(batch));
        BatchCount += batch - move.After;
    }

    private void Exchange(int first, int middle, int end)
    {
        int from = _offsets[first], cut = _offsets[middle], until = _offsets[end], batch = first;
        Order[from..cut].CopyTo(_moved);
        Order[cut..until].CopyTo(_order.AsSpan(from));
        _moved.AsSpan(0, cut - from).CopyTo(_order.AsSpan(from + until - cut));
        _offsets.AsSpan(0, BatchCount + 1).CopyTo(_moved);
        for (int old = middle; old < end; old++)
            _offsets[batch++] = _moved[old] - cut + from;
        for (int old = first; old < middle; old++)
            _offsets[batch++] = _moved[old] + until - cut;
    }

    private void NumberFrom(int first)
    {
        for (int batch = first; batch < BatchCount; batch++)
            _batchOf.AsSpan(_offsets[batch], Size(batch)).Fill(batch);
    }
}
