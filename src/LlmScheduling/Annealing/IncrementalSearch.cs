using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>Anneals one schedule with moves that are evaluated incrementally, at temperatures relative to the objective.</summary>
/// <remarks>
/// A move is accepted when G' / G is at least 1 + T ln(u), u uniform: Metropolis' rule on the relative loss, without a division or
/// an exponential per move. T = c / jobs: one met request changes G by about that share, so c says what a loss of requests costs.
/// </remarks>
internal sealed class IncrementalSearch
{
    // Moves of one kind come in runs: the processor then predicts their branches.
    private const int MovesBetweenLooks = 64, MovesOfAKind = 8;

    // A thousandth of a request on top of those that are met lets latency guide the search while none is.
    private const double Head = 1e-3;

    private readonly Timeline _timeline = new();
    private readonly SearchMoves _moves = new();
    private readonly SearchBest _best = new();

    public ReadOnlySpan<int> Order => _best.Order;

    public ReadOnlySpan<int> Sizes => _best.Sizes;

    /// <summary>Searches from a schedule until the budget ends, or after <paramref name="mostMoves"/> moves.</summary>
    public void Run(TimeTable table, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes, SearchBudget budget, long mostMoves, ulong seed, CancellationToken cancellationToken)
    {
        _timeline.Set(table, order, sizes);
        _best.Begin(_timeline);
        if (table.JobCount < 2)
            return;
        var random = new MoveRandom(seed);
        (double hot, double cold, int rounds) = Cooling(table.JobCount);
        double began = budget.Used(), coolings = Math.Log(cold / hot);
        long moves = 0;
        int round = 0;
        while (moves < mostMoves)
        {
            double used = budget.Used();
            if (used >= 1)
                break;
            cancellationToken.ThrowIfCancellationRequested();
            double share = Math.Max((used - began) / (1 - began), (double)moves / mostMoves) * rounds;
            if ((int)share > round)
            {
                // A new round heats the best schedule up again.
                round = (int)share;
                _best.End(_timeline);
                _timeline.Set(table, _best.Order, _best.Sizes);
                _best.Begin(_timeline);
            }

            int batch = (int)Math.Min(MovesBetweenLooks, Math.Min(mostMoves - moves, budget.EvaluationsLeft));
            Anneal(ref random, batch, hot * Math.Exp(coolings * (share - round)) / table.JobCount);
            moves += batch;
            budget.Evaluations += batch;
        }

        _best.End(_timeline);
    }

    /// <summary>The first and the last temperature, in met requests, and how often the search begins anew from its best.</summary>
    public static (double Hot, double Cold, int Rounds) Cooling(int jobs) => jobs switch
    {
        <= 12 => (1, 0.05, 6),
        <= 50 => (0.3, 0.003, 2),
        <= 200 => (0.1, 0.003, 1),
        _ => (0.03, 0.003, 1),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Anneal(ref MoveRandom random, int moves, double temperature)
    {
        ReadOnlySpan<double> logarithms = MoveRandom.Logarithms;
        double g = (_timeline.Met + Head) / _timeline.Total;
        int kind = 0;
        for (int i = 0; i < moves; i++)
        {
            if (i % MovesOfAKind == 0)
                kind = SearchMoves.DrawKind(_timeline, ref random);
            double least = g * (1 + temperature * random.NextLogarithm(logarithms));
            if (_moves.TryMove(kind, _timeline, ref random, least, Head, _best))
                g = (_timeline.Met + Head) / _timeline.Total;
        }
    }
}
