namespace LlmScheduling;

/// <summary>Anneals one schedule over all scenarios within a budget: <see cref="IncrementalSearch"/> with the mean of G instead of G.</summary>
internal sealed class ScenarioSearch
{
    // A move costs as much more as there are scenarios: so many fewer come between two looks at the clock.
    private const int MostMovesBetweenLooks = 64, ScenariosBetweenLooks = 1024;

    private readonly ScenarioChain _chain = new();

    public ReadOnlySpan<int> Order => _chain.BestOrder;

    public ReadOnlySpan<int> Sizes => _chain.BestSizes;

    /// <summary>Searches from a schedule until the budget ends.</summary>
    public void Run(ScenarioTable table, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes, SearchBudget budget, ulong seed, CancellationToken cancellationToken)
    {
        _chain.Begin(table, order, sizes);
        budget.Evaluations++;
        var random = new MoveRandom(seed);
        (double hot, double cold, int rounds) = IncrementalSearch.Cooling(table.JobCount);
        double began = budget.Used(), coolings = Math.Log(cold / hot);
        int round = 0, movesBetweenLooks = Math.Clamp(ScenariosBetweenLooks / table.ScenarioCount, 1, MostMovesBetweenLooks);
        while (table.JobCount > 1)
        {
            double used = budget.Used();
            if (used >= 1)
                break;
            cancellationToken.ThrowIfCancellationRequested();
            double share = (used - began) / (1 - began) * rounds;
            if ((int)share > round)
            {
                round = (int)share;
                _chain.Return();
            }

            int moves = (int)Math.Min(movesBetweenLooks, budget.EvaluationsLeft);
            _chain.Anneal(ref random, moves, hot * Math.Exp(coolings * (share - round)) / table.JobCount);
            budget.Evaluations += moves;
        }

        _chain.End();
    }
}
