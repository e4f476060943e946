namespace LlmScheduling;

/// <summary>What a schedule of the queue is worth.</summary>
public enum SeatsObjective
{
    /// <summary>Each request that is met counts exp(-start / 1 s): capacity that is used later may be needed by who comes then.</summary>
    DiscountedMet,

    /// <summary>The requests that are met, divided by the sum of end-to-end latencies: the published objective, of the present queue only.</summary>
    MetPerLatency,
}
