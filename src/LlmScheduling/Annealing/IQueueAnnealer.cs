namespace LlmScheduling;

/// <summary>Plans in which order waiting requests start, beside the engine's loop.</summary>
/// <remarks>
/// A scheduler asks about a copy of its requests, on one background thread; a simulator asks inline. What comes back reaches
/// policies as <see cref="RequestView.PlannedPosition"/>, in one step for all requests. Equal snapshots give equal positions.
/// </remarks>
public interface IQueueAnnealer
{
    /// <summary>Writes the place of each request in the plan.</summary>
    /// <param name="snapshot">The requests, running and waiting, as they were a moment ago.</param>
    /// <param name="positions">
    /// One for each request, in the order of the snapshot, -1 on entry: places from 0, each given once; -1 stays for requests
    /// that are left to the policy. Those of running requests are not read.
    /// </param>
    /// <param name="cancellationToken">The scheduler is disposed: nobody waits for the plan any more.</param>
    /// <remarks>One call at a time for an annealer. An exception leaves the plan in force as it is.</remarks>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    void Plan(in SchedulingSnapshot snapshot, Span<int> positions, CancellationToken cancellationToken = default);
}
