namespace LlmScheduling;

/// <summary>Places requests with the largest G there is, by search over subsets.</summary>
/// <remarks>The bounds on time and evaluations mean nothing to it; time and memory grow about threefold with each request. The result is <see cref="AnnealingSchedule.IsCertifiedOptimal"/>.</remarks>
public sealed class ExactSchedule : IScheduleAnnealer
{
    /// <summary>The most requests that it takes.</summary>
    public const int MostJobs = 16;

    private readonly CpuAnnealer _annealer = new(exactJobs: MostJobs);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A number of the problem is out of its range, or it has more than <see cref="MostJobs"/> jobs or sampled lengths.</exception>
    public ValueTask AnnealAsync(AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (problem.Jobs.Length > MostJobs)
            throw new ArgumentException($"Jobs must be at most {MostJobs}; they are {problem.Jobs.Length}.", nameof(problem));
        if (!problem.SampledOutputTokens.IsEmpty)
            throw new ArgumentException("SampledOutputTokens must be empty: there is no exact search over scenarios.", nameof(problem));
        return _annealer.AnnealAsync(problem, result, cancellationToken);
    }
}
