namespace LlmScheduling.AspNetCore;

/// <summary>Headers by which a client states its claim. Each may be absent; what it asks for is bounded by <see cref="HttpAdmissionOptions.LimitsFor"/>, and a value out of form is answered with 400.</summary>
public static class SchedulingHeaders
{
    /// <summary>Urgency, an integer; a lower value is more urgent.</summary>
    public const string Priority = "X-Priority";

    /// <summary>Time to first token, in milliseconds.</summary>
    public const string TimeToFirstToken = "X-Slo-Ttft-Ms";

    /// <summary>Mean time per output token after the first, in milliseconds.</summary>
    public const string TimePerOutputToken = "X-Slo-Tpot-Ms";

    /// <summary>Time to the last token, in milliseconds.</summary>
    public const string EndToEnd = "X-Slo-E2e-Ms";

    /// <summary>Longest wait for a seat, in milliseconds.</summary>
    public const string QueueTimeout = "X-Queue-Timeout-Ms";
}
