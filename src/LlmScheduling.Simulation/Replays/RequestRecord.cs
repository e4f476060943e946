namespace LlmScheduling.Simulation;

/// <summary>What a replay did to one request. Times are absolute; null means it never happened.</summary>
/// <param name="Request">The request as the workload has it.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="AdmittedAt">When it was first admitted.</param>
/// <param name="FirstTokenAt">When its first token came.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="GeneratedTokens">Output tokens it got; fewer than the workload has where a limit cut it.</param>
/// <param name="Preemptions">How often it was preempted.</param>
public sealed record RequestRecord(
    TraceRequest Request,
    RequestOutcome Outcome,
    TimeSpan? AdmittedAt,
    TimeSpan? FirstTokenAt,
    TimeSpan EndedAt,
    int GeneratedTokens,
    int Preemptions)
{
    /// <summary>Whether it was served to its end.</summary>
    public bool IsCompleted => Outcome == RequestOutcome.Completed;

    /// <summary>Time to first token from arrival (TTFT).</summary>
    public TimeSpan? TimeToFirstToken => FirstTokenAt - Request.ArrivedAt;

    /// <summary>Time from arrival to the last token; null when it was not served.</summary>
    public TimeSpan? EndToEnd => IsCompleted ? EndedAt - Request.ArrivedAt : null;
}
