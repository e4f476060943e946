namespace LlmScheduling;

/// <summary>
/// Orders by slack, the least first: the time until the next token or the deadline is due, less the predicted work until
/// then. Requests that are promised nothing come last, in arrival order. Score:
/// <c>min(next token due - now - work(next token), deadline - now - work(remaining))</c>.
/// </summary>
/// <remarks>
/// Work is in server-seconds, and nothing while no latency is known. Slack is negative for what is late already, and the
/// latest goes first: under overload that serves requests which miss their objective anyway.
/// </remarks>
public sealed class LeastSlack : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, Slack(snapshot, request));
        }
    }

    private static double Slack(in SchedulingSnapshot snapshot, in RequestView request)
    {
        double toCompute = Math.Max(0, request.TokensToCompute);
        double toGenerate = request.Length.IsKnown ? Math.Max(0, Math.Min(request.Length.Median, int.MaxValue) - request.GeneratedTokens) : 0;
        return Math.Min(
            Left(request.NextTokenDue, snapshot, toCompute, 0),
            Left(request.Deadline, snapshot, toCompute, toGenerate));
    }

    // In ticks, where differences of times are exact: the order does not depend on when the scheduler was started.
    private static double Left(TimeSpan due, in SchedulingSnapshot snapshot, double toCompute, double toGenerate)
    {
        if (due == TimeSpan.MaxValue)
            return double.PositiveInfinity;
        double work = snapshot.Work == default ? 0 : snapshot.Work.Seconds(toCompute, toGenerate, snapshot.Limits);
        return (double)due.Ticks - snapshot.Now.Ticks - work * TimeSpan.TicksPerSecond;
    }
}
