using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>
/// The annealer as published: starts from the better of arrival order and shortest first, draws 100 moves per temperature from
/// 500 down to 20, and accepts what is worse with probability exp(gain / temperature). A reference to compare with; slow and weak by design.
/// </summary>
/// <remarks>
/// "SLO-Aware Scheduling for Large Language Model Inferences" (arXiv 2504.14966), as far as it is known. Moves: pull a request of the
/// next batch into this one, push one into the next batch (the last batch pushes into a new one), swap two; a pull or push without
/// room is a swap instead. Every move copies the schedule and evaluates all of it; the best schedule seen is returned. G counts
/// requests per second, so gains are far below the temperatures and nearly every move is accepted unless the gain is scaled.
/// The problem's bounds on time and evaluations mean nothing to it: it evaluates 6,300 moves and two starts.
/// </remarks>
public sealed class PublishedAnnealer : IScheduleAnnealer
{
    private const double FirstTemperature = 500, LastTemperature = 20, Decay = 0.95, GainScale = 1_000;
    private const int MovesPerTemperature = 100;

    private readonly bool _scaledTemperature;
    private readonly RuleOrder _rules = new();
    private PublishedSchedule _current = new(), _next = new(), _best = new();

    /// <summary>Creates one.</summary>
    /// <param name="scaledTemperature">Multiply every gain by 1000 / G of the start (of one met request, where the start meets none), which makes the temperatures mean something.</param>
    public PublishedAnnealer(bool scaledTemperature = false) => _scaledTemperature = scaledTemperature;

    /// <inheritdoc/>
    public ValueTask AnnealAsync(AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(result);
        problem.Check();
        if (problem.Jobs.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            result.Set(problem, [], []);
            return ValueTask.CompletedTask;
        }

        double g = Start(problem), best = g, scale = 1;
        if (_scaledTemperature)
            scale = GainScale / (g > 0 ? g : 1_000 / _current.Value(problem).TotalMilliseconds);
        _best.CopyFrom(_current);
        var random = new MoveRandom(problem.Seed);
        long evaluations = 2;
        for (double temperature = FirstTemperature; temperature >= LastTemperature; temperature *= Decay)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int move = 0; move < MovesPerTemperature; move++, evaluations++)
            {
                _next.CopyFrom(_current);
                _next.Move(ref random, problem.MaxBatch);
                double moved = _next.Value(problem).MetPerSecond;
                if (!IsAccepted((moved - g) * scale, temperature, ref random))
                    continue;
                (_current, _next, g) = (_next, _current, moved);
                if (g > best)
                {
                    best = g;
                    _best.CopyFrom(_current);
                }
            }
        }

        result.Set(problem, _best.Order, _best.Sizes);
        result.Evaluations = evaluations;
        return ValueTask.CompletedTask;
    }

    /// <summary>Better, or the draw falls below exp(gain / temperature).</summary>
    internal static bool IsAccepted(double gain, double temperature, ref MoveRandom random) => gain > 0 || random.NextUnit() < Math.Exp(gain / temperature);

    private double Start(AnnealingProblem problem)
    {
        _current.SetFullBatches(_rules.Of(problem, ScheduleRule.ArrivalOrder), problem.MaxBatch);
        _next.SetFullBatches(_rules.Of(problem, ScheduleRule.ShortestFirst), problem.MaxBatch);
        double arrival = _current.Value(problem).MetPerSecond, shortest = _next.Value(problem).MetPerSecond;
        if (shortest > arrival)
            (_current, _next) = (_next, _current);
        return Math.Max(arrival, shortest);
    }
}
