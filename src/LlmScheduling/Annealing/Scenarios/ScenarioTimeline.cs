using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LlmScheduling;

/// <summary>
/// A schedule in all scenarios at once, in whole ticks: knows what a move would change without evaluating the rest. Scenarios lie side
/// by side and are looked at in chunks of <see cref="ScenarioTable.Width"/>.
/// </summary>
/// <remarks>
/// The value is the sum over the scenarios of (1024 met + 1) * unit / total, each cut to a whole number: sums then do not depend on
/// their order, and a graphics processor finds the same. Totals are doubles that hold whole numbers below 2^53.
/// </remarks>
internal sealed class ScenarioTimeline
{
    private readonly ScenarioRows _rows = new();
    private ScenarioTable _table = new();
    private int[] _places = [], _firstPlaces = [], _secondPlaces = [];
    private int[] _met = [], _nextMet = [], _shift = [], _otherShift = [];
    private double[] _total = [], _nextTotal = [];
    private long[] _chunkValues = [];

    public BatchOrder Batches { get; } = new();

    /// <summary>The sum over all scenarios.</summary>
    public long Value { get; private set; }

    public ReadOnlySpan<int> MetByScenario => _met.AsSpan(0, _table.ScenarioCount);

    public ReadOnlySpan<double> TotalByScenario => _total.AsSpan(0, _table.ScenarioCount);

    /// <summary>Begins with a schedule; all of it is evaluated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Set(ScenarioTable table, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes)
    {
        _table = table;
        Hold(table.JobCount, table.MaxBatch, table.Stride);
        Batches.Set(order, sizes);
        FindPlaces(0);
        _rows.Begin(table);
        _met.AsSpan(0, table.Stride).Clear();
        _total.AsSpan(0, table.Stride).Clear();
        for (int batch = 0; batch < sizes.Length; batch++)
        {
            _rows.SumRuns(batch, Places(batch));
            for (int at = 0; at < table.Stride; at += ScenarioTable.Width)
                Add(batch, at);
        }

        Value = 0;
        for (int at = 0; at < table.Stride; at += ScenarioTable.Width)
            Value += ValueOf(Vector512.LoadUnsafe(ref _met[at]), at, _total);
    }

    /// <summary>What a move would make of the value: whether it reaches <paramref name="least"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Reaches(in ScenarioMove move, double least, out long value)
    {
        (int from, int until, int otherFrom, int otherUntil) = move.Shifted(Batches.BatchCount);
        int jobs = Batches.Offset(until) - Batches.Offset(from), others = Batches.Offset(otherUntil) - Batches.Offset(otherFrom);
        if (!move.IsExchange)
            FindPlaces(move);
        value = 0;
        bool anyShift = false;
        for (int at = 0; at < _table.Stride; at += ScenarioTable.Width)
        {
            if (move.IsExchange)
                WeighExchange(move, at, jobs, others);
            else
                WeighShare(move, at, jobs, others);
            // Many moves fall here: not even if all that comes earlier were met would they be good enough.
            Vector512<int> shift = Vector512.LoadUnsafe(ref _shift[at]), otherShift = Vector512.LoadUnsafe(ref _otherShift[at]);
            Vector512<int> gain = (Vector512.LessThan(shift, Vector512<int>.Zero) & Vector512.Create(jobs)) + (Vector512.LessThan(otherShift, Vector512<int>.Zero) & Vector512.Create(others));
            Vector512<int> most = Vector512.Min(Vector512.LoadUnsafe(ref _nextMet[at]) + gain, Vector512.Create(_table.JobCount));
            value += _chunkValues[at / ScenarioTable.Width] = ValueOf(most, at, _nextTotal);
            anyShift |= (shift | otherShift) != Vector512<int>.Zero;
        }

        if (!anyShift || value < least)
            return value >= least;
        for (int at = 0; at < _table.Stride; at += ScenarioTable.Width)
        {
            Vector512<int> met = Vector512.LoadUnsafe(ref _nextMet[at]) + MetAfterShift(from, until, _shift, at) + MetAfterShift(otherFrom, otherUntil, _otherShift, at);
            met.StoreUnsafe(ref _nextMet[at]);
            value += ValueOf(met, at, _nextTotal) - _chunkValues[at / ScenarioTable.Width];
            if (value < least)
                return false;
        }

        return true;
    }

    /// <summary>Makes the move whose value <see cref="Reaches"/> gave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(in ScenarioMove move, long value)
    {
        _rows.Apply(move, Batches.BatchCount, _shift.AsSpan(0, _table.Stride), _otherShift.AsSpan(0, _table.Stride));
        Batches.Apply(move, _table.Ranks);
        FindPlaces(move.First);
        if (!move.IsExchange && move.FirstCount > 0)
            _rows.SumRuns(move.First, Places(move.First));
        int second = move.First + (move.FirstCount > 0 ? 1 : 0) + move.Second - move.FirstEnd;
        if (!move.IsExchange && move.SecondCount > 0)
            _rows.SumRuns(second, Places(second));
        (_met, _nextMet) = (_nextMet, _met);
        (_total, _nextTotal) = (_nextTotal, _total);
        Value = value;
    }

    private ReadOnlySpan<int> Places(int batch) => _places.AsSpan(Batches.Offset(batch), Batches.Size(batch));

    private void Hold(int jobs, int maxBatch, int stride)
    {
        if (_places.Length < jobs)
            _places = new int[jobs];
        if (_firstPlaces.Length < maxBatch)
            (_firstPlaces, _secondPlaces) = (new int[maxBatch], new int[maxBatch]);
        if (_met.Length < stride)
        {
            (_met, _nextMet, _shift, _otherShift) = (new int[stride], new int[stride], new int[stride], new int[stride]);
            (_total, _nextTotal, _chunkValues) = (new double[stride], new double[stride], new long[stride / ScenarioTable.Width]);
        }
    }

    /// <summary>Where the table holds the jobs of the batches from one on.</summary>
    private void FindPlaces(int first)
    {
        for (int batch = first, position = Batches.Offset(first); batch < Batches.BatchCount; batch++)
        {
            int size = Batches.Size(batch);
            for (int end = position + size; position < end; position++)
                _places[position] = _table.PlaceOf(Batches.Order[position], size);
        }
    }

    /// <summary>Where the table holds the jobs of the two batches after a move.</summary>
    private void FindPlaces(in ScenarioMove move)
    {
        int first = 0, second = 0, firstEnd = Batches.Offset(move.FirstEnd), end = Batches.Offset(move.After);
        for (int position = Batches.Offset(move.First); position < end; position++)
        {
            if (position == firstEnd && (position = Batches.Offset(move.Second)) == end)
                break;
            int job = Batches.Order[position];
            if (Batches.GoesSecond(move, _table.Ranks, position))
                _secondPlaces[second++] = _table.PlaceOf(job, move.SecondCount);
            else
                _firstPlaces[first++] = _table.PlaceOf(job, move.FirstCount);
        }
    }

    /// <summary>The value of a chunk of scenarios, the padding left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long ValueOf(Vector512<int> met, int at, double[] totals)
    {
        (Vector512<long> low, Vector512<long> high) = Vector512.Widen(met * ScenarioTable.Head + Vector512<int>.One);
        Vector512<double> unit = Vector512.Create(_table.Unit);
        Vector512<long> first = Vector512.ConvertToInt64(Vector512.ConvertToDouble(low) * unit / Vector512.LoadUnsafe(ref totals[at]));
        Vector512<long> second = Vector512.ConvertToInt64(Vector512.ConvertToDouble(high) * unit / Vector512.LoadUnsafe(ref totals[at + ScenarioTable.Width / 2]));
        int left = _table.ScenarioCount - at;
        if (left < ScenarioTable.Width)
        {
            first &= Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)left));
            second &= Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)left - ScenarioTable.Width / 2));
        }

        return Vector512.Sum(first + second);
    }

    /// <summary>Adds a batch to the totals of a chunk and gives the next its start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(int batch, int at)
    {
        Vector512<int> start = _rows.StartOf(batch, at), longest = Vector512<int>.Zero;
        int offset = _table.OffsetOf(at);
        foreach (int place in Places(batch))
            longest = Vector512.Max(longest, Load(_table.Runs, place + offset));
        _rows.SetStart(batch + 1, at, start + longest);
        (Vector512.LoadUnsafe(ref _met[at]) + Met(Places(batch), start, at)).StoreUnsafe(ref _met[at]);
        for (int half = 0; half < 2; half++)
            (Total(_total, at, half) + Half(_rows.RunsOf(batch, at), half) + Half(start, half) * Batches.Size(batch)).StoreUnsafe(ref _total[at + half * ScenarioTable.Width / 2]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WeighExchange(in ScenarioMove move, int at, int jobs, int others)
    {
        Vector512<int> middle = _rows.StartOf(move.Second, at), later = _rows.StartOf(move.End, at) - middle, earlier = _rows.StartOf(move.First, at) - middle;
        later.StoreUnsafe(ref _shift[at]);
        earlier.StoreUnsafe(ref _otherShift[at]);
        Vector512.LoadUnsafe(ref _met[at]).StoreUnsafe(ref _nextMet[at]);
        for (int half = 0; half < 2; half++)
            (Total(_total, at, half) + Half(later, half) * jobs + Half(earlier, half) * others).StoreUnsafe(ref _nextTotal[at + half * ScenarioTable.Width / 2]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WeighShare(in ScenarioMove move, int at, int jobs, int others)
    {
        Vector512<int> start = _rows.StartOf(move.First, at), secondStart = _rows.StartOf(move.Second, at), met = Vector512.LoadUnsafe(ref _met[at]);
        (Vector512<int> shift, Vector512<int> runs) = Runs(_firstPlaces.AsSpan(0, move.FirstCount), at);
        int before = 0, secondBefore = 0;
        if (!move.IsFirstNew)
        {
            before = Batches.Size(move.First);
            shift -= _rows.StartOf(move.First + 1, at) - start;
            runs -= _rows.RunsOf(move.First, at);
            met -= Met(Places(move.First), start, at);
        }

        (Vector512<int> otherShift, Vector512<int> secondRuns) = Runs(_secondPlaces.AsSpan(0, move.SecondCount), at);
        if (!move.IsSecondNew)
        {
            secondBefore = Batches.Size(move.Second);
            otherShift -= _rows.StartOf(move.Second + 1, at) - secondStart;
            secondRuns -= _rows.RunsOf(move.Second, at);
            met -= Met(Places(move.Second), secondStart, at);
        }

        met += Met(_firstPlaces.AsSpan(0, move.FirstCount), start, at) + Met(_secondPlaces.AsSpan(0, move.SecondCount), secondStart + shift, at);
        (runs, otherShift) = (runs + secondRuns, otherShift + shift);
        shift.StoreUnsafe(ref _shift[at]);
        otherShift.StoreUnsafe(ref _otherShift[at]);
        met.StoreUnsafe(ref _nextMet[at]);
        for (int half = 0; half < 2; half++)
        {
            Vector512<double> total = Total(_total, at, half) + Half(runs, half)
                + Half(start, half) * (move.FirstCount - before) + Half(secondStart, half) * (move.SecondCount - secondBefore)
                + Half(shift, half) * (move.SecondCount + jobs) + Half(otherShift, half) * others;
            total.StoreUnsafe(ref _nextTotal[at + half * ScenarioTable.Width / 2]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector512<int> Longest, Vector512<int> Sum) Runs(ReadOnlySpan<int> places, int at)
    {
        Vector512<int> longest = Vector512<int>.Zero, sum = Vector512<int>.Zero;
        ReadOnlySpan<int> runs = _table.Runs[_table.OffsetOf(at)..];
        foreach (int place in places)
        {
            Vector512<int> run = Load(runs, place);
            longest = Vector512.Max(longest, run);
            sum += run;
        }

        return (longest, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<int> Met(ReadOnlySpan<int> places, Vector512<int> start, int at)
    {
        Vector512<int> met = Vector512<int>.Zero;
        ReadOnlySpan<int> latest = _table.Latest[_table.OffsetOf(at)..];
        foreach (int place in places)
            met -= Vector512.GreaterThanOrEqual(Load(latest, place), start);
        return met;
    }

    /// <summary>How many more jobs of some batches are met when each scenario's starts rise by its shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector512<int> MetAfterShift(int from, int until, int[] shifts, int at)
    {
        // Rising loses the jobs with a slack in [0, shift); falling wins those with one in [shift, 0).
        Vector512<int> shift = Vector512.LoadUnsafe(ref shifts[at]), low = Vector512.Min(Vector512<int>.Zero, shift), count = Vector512<int>.Zero;
        if (shift == Vector512<int>.Zero)
            return count;
        Vector512<uint> width = Vector512.Abs(shift).AsUInt32();
        ReadOnlySpan<int> places = _places, latest = _table.Latest[_table.OffsetOf(at)..];
        for (int batch = from, position = Batches.Offset(from); batch < until; batch++)
        {
            Vector512<int> bound = _rows.StartOf(batch, at) + low;
            for (int end = Batches.Offset(batch + 1); position < end; position++)
                count -= Vector512.LessThan((Load(latest, places[position]) - bound).AsUInt32(), width).AsInt32();
        }

        return Vector512.ConditionalSelect(Vector512.GreaterThan(shift, Vector512<int>.Zero), -count, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Load(ReadOnlySpan<int> values, int at) => Vector512.LoadUnsafe(ref Unsafe.AsRef(in values[at]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Total(double[] totals, int at, int half) => Vector512.LoadUnsafe(ref totals[at + half * ScenarioTable.Width / 2]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Half(Vector512<int> values, int half) =>
        Vector512.ConvertToDouble(half == 0 ? Vector512.WidenLower(values) : Vector512.WidenUpper(values));
}
