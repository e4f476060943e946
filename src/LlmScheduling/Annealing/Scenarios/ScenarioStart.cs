namespace LlmScheduling;

/// <summary>
/// Where a search over scenarios begins: the jobs' own lengths are annealed first, at a fraction of the cost per move; the best of
/// that, its seed and the best rule, each valued over the scenarios, is the start.
/// </summary>
internal sealed class ScenarioStart(TimeProvider time)
{
    private const double ShareOfBudget = 0.1;

    private readonly SearchBudget _budget = new(time);
    private readonly TimeTable _table = new();
    private readonly SearchSeeds _seeds = new();
    private readonly IncrementalSearch _search = new();
    private readonly ScenarioTimeline _trial = new();
    private int[] _order = [], _sizes = [];
    private int _jobs, _batches;
    private long _value;

    public ReadOnlySpan<int> Order => _order.AsSpan(0, _jobs);

    public ReadOnlySpan<int> Sizes => _sizes.AsSpan(0, _batches);

    /// <summary>Finds it; what it evaluates counts in <paramref name="budget"/>.</summary>
    public void Find(AnnealingProblem problem, ScenarioTable scenarios, SearchBudget budget, CancellationToken cancellationToken)
    {
        _jobs = scenarios.JobCount;
        if (_order.Length < _jobs)
            (_order, _sizes) = (new int[_jobs], new int[_jobs]);
        _value = -1;
        _budget.Begin(problem, ShareOfBudget);
        _table.Fill(problem);
        _seeds.Find(problem, _table, _budget);
        _search.Run(_table, _seeds.Best, _seeds.BestSizes, _budget, long.MaxValue, problem.Seed, cancellationToken);
        budget.Evaluations += _budget.Evaluations;
        Try(scenarios, _search.Order, _search.Sizes, budget);
        Try(scenarios, _seeds.Best, _seeds.BestSizes, budget);
        Try(scenarios, _seeds.BestRule, _seeds.BestRuleSizes, budget);
    }

    /// <summary>Ticks are rounded: by a hair the best rule may be better in double precision, and is then the result.</summary>
    public void KeepTheRule(AnnealingProblem problem, AnnealingSchedule result)
    {
        if (ScheduleValue.Of(problem, _seeds.BestRule, _seeds.BestRuleSizes).MetPerSecond > result.MetPerSecond)
            result.Set(problem, _seeds.BestRule, _seeds.BestRuleSizes);
    }

    private void Try(ScenarioTable scenarios, ReadOnlySpan<int> order, ReadOnlySpan<int> sizes, SearchBudget budget)
    {
        _trial.Set(scenarios, order, sizes);
        budget.Evaluations++;
        if (_trial.Value <= _value)
            return;
        (_value, _batches) = (_trial.Value, sizes.Length);
        order.CopyTo(_order);
        sizes.CopyTo(_sizes);
    }
}
