namespace LlmScheduling.Extensions.AI;

/// <summary>A chat got no seat at the gate.</summary>
public sealed class AdmissionRefusedException : Exception
{
    /// <summary>Says why there is no seat.</summary>
    /// <param name="outcome">Why.</param>
    /// <param name="retryAfter">When coming again is worth while; null where nothing has been measured, or it never is.</param>
    public AdmissionRefusedException(RequestOutcome outcome, TimeSpan? retryAfter)
        : base($"The gate refused the chat: {OutcomeName.Of(outcome)}.") =>
        (Outcome, RetryAfter) = (outcome, retryAfter);

    /// <summary>Why there is no seat.</summary>
    public RequestOutcome Outcome { get; }

    /// <summary>When coming again is worth while, by the gate's estimate; null where nothing has been measured, or coming again is of no use.</summary>
    public TimeSpan? RetryAfter { get; }
}
