namespace LlmScheduling;

/// <summary>How much of its bounds a search has used.</summary>
internal sealed class SearchBudget(TimeProvider time)
{
    private static readonly TimeSpan DefaultTime = TimeSpan.FromMilliseconds(1);
    private long _began;
    private double _mostTicks, _mostEvaluations;

    /// <summary>Schedules evaluated so far.</summary>
    public long Evaluations { get; set; }

    /// <summary>Begins with a share of a problem's bounds, at least one evaluation.</summary>
    public void Begin(AnnealingProblem problem, double share = 1)
    {
        _began = time.GetTimestamp();
        Evaluations = 0;
        TimeSpan? bound = problem.MaxTime ?? (problem.MaxEvaluations is null ? DefaultTime : null);
        _mostTicks = bound is { } most ? share * most.TotalSeconds * time.TimestampFrequency : double.PositiveInfinity;
        _mostEvaluations = problem.MaxEvaluations is { } evaluations ? Math.Max(1, Math.Floor(share * evaluations)) : double.PositiveInfinity;
    }

    /// <summary>Lifts the bounds; evaluations are still counted.</summary>
    public void Unbound() => _mostTicks = _mostEvaluations = double.PositiveInfinity;

    /// <summary>The evaluations that are left.</summary>
    public double EvaluationsLeft => _mostEvaluations - Evaluations;

    /// <summary>The time that is left, below zero when it is over; infinite where time is not bounded, and the clock is then not read.</summary>
    public double SecondsLeft => double.IsFinite(_mostTicks) ? (_mostTicks - (time.GetTimestamp() - _began)) / time.TimestampFrequency : double.PositiveInfinity;

    /// <summary>The larger of the shares of time and of evaluations that are used; 1 and more is the end. Reads the clock only where time is bounded.</summary>
    public double Used()
    {
        double used = Evaluations / _mostEvaluations;
        return double.IsFinite(_mostTicks) ? Math.Max(used, (time.GetTimestamp() - _began) / _mostTicks) : used;
    }
}
