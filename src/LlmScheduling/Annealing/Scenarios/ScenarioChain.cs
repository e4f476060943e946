using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>One schedule that is annealed over all scenarios, and the best that it was: what one block of the GPU's kernel does, and the whole search of the CPU.</summary>
internal sealed class ScenarioChain
{
    // As in the search without scenarios: moves of one kind come in runs.
    private const int MovesOfAKind = 8;

    private readonly ScenarioTimeline _timeline = new();
    private ScenarioTable _table = new();
    private int[] _order = [], _sizes = [];
    private int _batches;
    private bool _bestIsCurrent;

    public BatchOrder Current => _timeline.Batches;

    public long Value => _timeline.Value;

    public long BestValue { get; private set; }

    /// <summary>The best schedule; valid after <see cref="End"/>.</summary>
    public ReadOnlySpan<int> BestOrder => _order.AsSpan(0, _table.JobCount);

    public ReadOnlySpan<int> BestSizes => _sizes.AsSpan(0, _batches);

    /// <summary>Begins with a schedule, which is the best so far.</summary>
    public void Begin(ScenarioTable table, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes)
    {
        _table = table;
        if (_order.Length < table.JobCount)
            (_order, _sizes) = (new int[table.JobCount], new int[table.JobCount]);
        _timeline.Set(table, order, sizes);
        (BestValue, _bestIsCurrent) = (_timeline.Value, true);
    }

    /// <summary>Goes on from the best schedule.</summary>
    public void Return()
    {
        End();
        Begin(_table, BestOrder, BestSizes);
    }

    /// <summary>Draws moves at one temperature: one is made when the value then is at least 1 + temperature * ln(u) of what it was, u uniform.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Anneal(ref MoveRandom random, int moves, double temperature)
    {
        ReadOnlySpan<double> logarithms = MoveRandom.Logarithms;
        int kind = 0;
        for (int i = 0; i < moves; i++)
        {
            if (i % MovesOfAKind == 0)
                kind = ScenarioMoves.DrawKind(_table.MaxBatch, ref random);
            double least = _timeline.Value * (1 + temperature * random.NextLogarithm(logarithms));
            if (!ScenarioMoves.TryDraw(kind, Current, _table, ref random, out ScenarioMove move) || !_timeline.Reaches(move, least, out long value))
                continue;
            if (value > BestValue)
                (BestValue, _bestIsCurrent) = (value, true);
            else
                End();
            _timeline.Apply(move, value);
        }
    }

    /// <summary>Takes the last schedule over if it is the best.</summary>
    public void End()
    {
        if (!_bestIsCurrent)
            return;
        Current.Order.CopyTo(_order);
        _batches = Current.CopySizes(_sizes);
        _bestIsCurrent = false;
    }
}
