namespace LlmScheduling;

/// <summary>Why generation stopped.</summary>
public enum FinishReason : byte
{
    /// <summary>It has not stopped.</summary>
    None,

    /// <summary>The model stopped by itself: a complete answer.</summary>
    Stop,

    /// <summary>Cut by the output limit: for learners a censored length, not a short one.</summary>
    Length,

    /// <summary>The engine failed on this request.</summary>
    Failed,
}
