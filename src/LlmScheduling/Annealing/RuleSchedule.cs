namespace LlmScheduling;

/// <summary>Places requests by one rule, in full batches: the first <see cref="AnnealingProblem.MaxBatch"/> of the order, then the next. Equal requests keep the problem's order.</summary>
/// <remarks>What annealing is measured against. The bounds on time and evaluations mean nothing to it.</remarks>
public sealed class RuleSchedule : IScheduleAnnealer
{
    private readonly ScheduleRule _rule;
    private readonly RuleOrder _order = new();
    private int[] _sizes = [];

    /// <summary>Creates one.</summary>
    /// <param name="rule">The order.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the rules.</exception>
    public RuleSchedule(ScheduleRule rule)
    {
        if (!Enum.IsDefined(rule))
            throw new ArgumentOutOfRangeException(nameof(rule), rule, "rule must be one of the named rules.");
        _rule = rule;
    }

    /// <inheritdoc/>
    public ValueTask AnnealAsync(AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(result);
        cancellationToken.ThrowIfCancellationRequested();
        problem.Check();
        ReadOnlySpan<int> order = _order.Of(problem, _rule);
        if (_sizes.Length < order.Length)
            _sizes = new int[order.Length];
        result.Set(problem, order, _sizes.AsSpan(0, Chunks(order.Length, problem.MaxBatch, _sizes)));
        result.Evaluations = 1;
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes batches of <paramref name="size"/> jobs, the last one smaller; how many they are.</summary>
    internal static int Chunks(int jobs, int size, Span<int> sizes)
    {
        int batches = 0;
        for (int left = jobs; left > 0; left -= size)
            sizes[batches++] = Math.Min(left, size);
        return batches;
    }
}
