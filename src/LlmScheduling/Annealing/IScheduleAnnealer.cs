namespace LlmScheduling;

/// <summary>Chooses order and batches of requests for the largest G.</summary>
public interface IScheduleAnnealer
{
    /// <summary>Fills <paramref name="result"/> with the best schedule found within the problem's bounds.</summary>
    /// <param name="problem">What to place; not changed.</param>
    /// <param name="result">Overwritten; its arrays are reused.</param>
    /// <param name="cancellationToken">Ends the search early with an exception; what <paramref name="result"/> holds is then undefined.</param>
    /// <remarks>One call at a time for an annealer; different annealers may run on different threads.</remarks>
    /// <exception cref="ArgumentException">A number of the problem is out of its range; the message names it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    ValueTask AnnealAsync(AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken = default);
}
