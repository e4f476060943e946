namespace LlmScheduling;

/// <summary>The best of the schedules that need no search: the rules in batches of several sizes, and <see cref="CompositeGreedy"/> with several parameters.</summary>
internal sealed class SearchSeeds
{
    private const double ShareOfBudget = 0.2;
    private const int MostChunkSizes = 4;

    private static readonly ScheduleRule[] Rules = [ScheduleRule.ShortestFirst, ScheduleRule.LeastSlack, ScheduleRule.EarliestDeadline, ScheduleRule.ArrivalOrder];

    // Urgency and patience, the pairs that win most often first.
    private static readonly (double Urgency, double Patience)[] Pairs =
    [
        (8, 3), (3, 3), (20, 3), (8, 10), (8, 1), (20, 10), (3, 1), (3, 10),
        (50, 3), (1, 3), (20, 1), (50, 10), (1, 1), (8, 0.3), (50, 1), (0.5, 0.3),
    ];

    private readonly RuleOrder _rules = new();
    private readonly CompositeGreedy _greedy = new();
    private readonly Timeline _trial = new();
    private int[] _order = [], _sizes = [], _shortestFirst = [], _best = [], _bestSizes = [];
    private int _jobs, _bestBatches, _ruleBatches, _met;
    private int[] _rule = [], _ruleSizes = [];
    private long _total;

    public ReadOnlySpan<int> Best => _best.AsSpan(0, _jobs);

    public ReadOnlySpan<int> BestSizes => _bestSizes.AsSpan(0, _bestBatches);

    /// <summary>The rule whose full batches have the largest G in double precision: what a result must not fall below.</summary>
    public ReadOnlySpan<int> BestRule => _rule.AsSpan(0, _jobs);

    public ReadOnlySpan<int> BestRuleSizes => _ruleSizes.AsSpan(0, _ruleBatches);

    public void Find(AnnealingProblem problem, TimeTable table, SearchBudget budget)
    {
        _jobs = table.JobCount;
        if (_order.Length < _jobs)
        {
            (_order, _sizes, _best, _bestSizes) = (new int[_jobs], new int[_jobs], new int[_jobs], new int[_jobs]);
            (_shortestFirst, _rule, _ruleSizes) = (new int[_jobs], new int[_jobs], new int[_jobs]);
        }

        (_met, _total) = (-1, 1);
        TryRules(problem, table, budget);
        _greedy.Begin(table);
        ReadOnlySpan<int> shortestFirst = _shortestFirst.AsSpan(0, _jobs);
        foreach ((double urgency, double patience) in Pairs)
        {
            if (budget.Used() >= ShareOfBudget)
                break;
            int batches = _greedy.Build(table, shortestFirst, urgency, patience, budget, _order.AsSpan(0, _jobs), _sizes);
            Try(table, _order.AsSpan(0, _jobs), _sizes.AsSpan(0, batches), budget);
        }
    }

    private void TryRules(AnnealingProblem problem, TimeTable table, SearchBudget budget)
    {
        double bestRule = -1;
        foreach (ScheduleRule rule in Rules)
        {
            ReadOnlySpan<int> order = _rules.Of(problem, rule);
            if (rule == ScheduleRule.ShortestFirst)
                order.CopyTo(_shortestFirst);
            for (int i = 0, size = table.MaxBatch; i < MostChunkSizes && size >= 1; i++, size /= 2)
            {
                Span<int> sizes = _sizes.AsSpan(0, RuleSchedule.Chunks(_jobs, size, _sizes));
                Try(table, order, sizes, budget);
                if (i > 0 || ScheduleValue.Of(problem, order, sizes).MetPerSecond is var g && g <= bestRule)
                    continue;
                bestRule = g;
                order.CopyTo(_rule);
                sizes.CopyTo(_ruleSizes);
                _ruleBatches = sizes.Length;
            }
        }
    }

    private void Try(TimeTable table, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes, SearchBudget budget)
    {
        _trial.Set(table, order, sizes);
        budget.Evaluations++;
        if (_met >= 0 && !SearchBest.IsBetter(_trial.Met, _trial.Total, _met, _total))
            return;
        (_met, _total, _bestBatches) = (_trial.Met, _trial.Total, sizes.Length);
        order.CopyTo(_best);
        sizes.CopyTo(_bestSizes);
    }
}
