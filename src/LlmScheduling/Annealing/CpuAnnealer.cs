namespace LlmScheduling;

/// <summary>
/// Places requests for the largest G: by exact search up to 12 requests, and above by the best of several constructive seeds and
/// annealing from it. Never below arrival order, shortest first, earliest deadline and least slack in full batches.
/// </summary>
/// <remarks>
/// With <see cref="AnnealingProblem.SampledOutputTokens"/> it anneals the jobs' own lengths for a tenth of the bounds and then the
/// mean of G over the scenarios, whatever the number of requests; nothing is then certified but a problem of one request.
/// The problem's bounds limit seeds and search above 12 requests; tables and the four rules are made in any case. The exact search
/// has no bound and takes about a millisecond for 12. With <see cref="AnnealingProblem.MaxEvaluations"/> and without
/// <see cref="AnnealingProblem.MaxTime"/> the result is a function of problem and seed. After a solve as large, a solve allocates
/// nothing. One call at a time.
/// </remarks>
public sealed class CpuAnnealer : IScheduleAnnealer
{
    /// <summary>Up to that many requests are placed optimally unless the constructor says otherwise.</summary>
    public const int DefaultExactJobs = 12;

    private const int MovesPerJobBeforeExact = 120;

    private readonly int _exactJobs;
    private readonly SearchBudget _budget;
    private readonly TimeTable _table = new();
    private readonly SearchSeeds _seeds = new();
    private readonly IncrementalSearch _search = new();
    private readonly ExactSearch _exact = new();
    private readonly ScenarioTable _scenarios = new();
    private readonly ScenarioStart _start;
    private readonly ScenarioSearch _scenarioSearch = new();

    /// <summary>Creates one.</summary>
    /// <param name="time">Bounds a solve by time; the system's when absent.</param>
    /// <param name="exactJobs">Up to that many requests are placed optimally, 0 to <see cref="ExactSchedule.MostJobs"/>; 0 always anneals. Default: <see cref="DefaultExactJobs"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exactJobs"/> is out of its range.</exception>
    public CpuAnnealer(TimeProvider? time = null, int exactJobs = DefaultExactJobs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exactJobs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exactJobs, ExactSchedule.MostJobs);
        _budget = new SearchBudget(time ?? TimeProvider.System);
        _start = new ScenarioStart(time ?? TimeProvider.System);
        _exactJobs = exactJobs;
    }

    /// <inheritdoc/>
    public ValueTask AnnealAsync(AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(result);
        cancellationToken.ThrowIfCancellationRequested();
        problem.Check();
        _budget.Begin(problem);
        if (problem.Jobs.IsEmpty)
        {
            result.Set(problem, [], []);
            result.IsCertifiedOptimal = true;
            return ValueTask.CompletedTask;
        }

        if (problem.ScenarioCount > 0)
            AnnealScenarios(problem, result, cancellationToken);
        else
            AnnealKnown(problem, result, cancellationToken);
        return ValueTask.CompletedTask;
    }

    private void AnnealKnown(AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken)
    {
        bool isExact = problem.Jobs.Length <= _exactJobs;
        if (isExact)
            _budget.Unbound();
        _table.Fill(problem);
        _seeds.Find(problem, _table, _budget);
        long mostMoves = isExact ? problem.Jobs.Length * MovesPerJobBeforeExact : long.MaxValue;
        _search.Run(_table, _seeds.Best, _seeds.BestSizes, _budget, mostMoves, problem.Seed, cancellationToken);
        long evaluations = _budget.Evaluations;
        if (isExact)
        {
            _exact.Run(problem, _search.Order, _search.Sizes, cancellationToken);
            result.Set(problem, _exact.Order, _exact.Sizes);
            evaluations += _exact.Evaluations;
        }
        else
        {
            result.Set(problem, _search.Order, _search.Sizes);
        }

        // Ticks are rounded: by a hair a rule may be better in double precision.
        if (ScheduleValue.Of(problem, _seeds.BestRule, _seeds.BestRuleSizes).MetPerSecond > result.MetPerSecond)
            result.Set(problem, _seeds.BestRule, _seeds.BestRuleSizes);
        result.IsCertifiedOptimal = isExact;
        result.Evaluations = evaluations;
    }

    private void AnnealScenarios(AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken)
    {
        _scenarios.Fill(problem);
        _start.Find(problem, _scenarios, _budget, cancellationToken);
        _scenarioSearch.Run(_scenarios, _start.Order, _start.Sizes, _budget, problem.Seed, cancellationToken);
        result.Set(problem, _scenarioSearch.Order, _scenarioSearch.Sizes);
        _start.KeepTheRule(problem, result);
        result.IsCertifiedOptimal = problem.Jobs.Length == 1;
        result.Evaluations = _budget.Evaluations;
    }
}
