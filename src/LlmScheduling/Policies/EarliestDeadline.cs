namespace LlmScheduling;

/// <summary>
/// Orders by deadline, the earliest first; a request without one is due when its first token is. Requests that are
/// promised neither come last, in arrival order. Score: <c>deadline</c>, else <c>first token due</c>, else never.
/// </summary>
/// <remarks>
/// Earliest due date first meets every deadline where any order does, on one seat and with everything known at the start
/// (Jackson's rule). It keeps serving what is already late; under overload see the deferring policies.
/// </remarks>
public sealed class EarliestDeadline : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            TimeSpan due = request.Deadline != TimeSpan.MaxValue ? request.Deadline : request.FirstTokenDue;
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, due.Ticks);
        }
    }
}
