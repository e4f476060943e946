namespace LlmScheduling;

/// <summary>A request that has ended. Times run from the scheduler's start; <see cref="TimeSpan.MaxValue"/> means it never happened.</summary>
/// <param name="Id">The request.</param>
/// <param name="Request">The request as it was enqueued.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Finish">Why generation stopped.</param>
/// <param name="Targets">What it was promised, relative to its arrival.</param>
/// <param name="ArrivedAt">When it was enqueued.</param>
/// <param name="AdmittedAt">When it was first admitted.</param>
/// <param name="FirstTokenAt">When its first token was emitted.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="GeneratedTokens">Output tokens.</param>
/// <param name="Preemptions">How often it lost its seat or its KV blocks.</param>
/// <param name="RankScore">Score by the ranker in force; NaN when not ranked.</param>
public readonly record struct EndedRequest(
    RequestId Id,
    InferenceRequest Request,
    RequestOutcome Outcome,
    FinishReason Finish,
    SloTargets Targets,
    TimeSpan ArrivedAt,
    TimeSpan AdmittedAt,
    TimeSpan FirstTokenAt,
    TimeSpan EndedAt,
    int GeneratedTokens,
    int Preemptions,
    float RankScore)
{
    /// <summary>Whether it kept what it was promised; null when nothing was. A request that was not served has missed.</summary>
    public bool? MetObjective =>
        !Targets.HasObjective ? null
        : Outcome == RequestOutcome.Completed
            && (FirstTokenAt == TimeSpan.MaxValue ? EndedAt : FirstTokenAt) - ArrivedAt <= Targets.TimeToFirstToken
            && EndedAt - ArrivedAt <= Targets.EndToEnd
            && (GeneratedTokens < 2 || (double)(EndedAt - FirstTokenAt).Ticks <= (double)Targets.TimePerOutputToken.Ticks * (GeneratedTokens - 1));
}
