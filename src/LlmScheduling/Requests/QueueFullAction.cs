namespace LlmScheduling;

/// <summary>What happens to an arrival at a full queue.</summary>
public enum QueueFullAction : byte
{
    /// <summary>The arrival is refused.</summary>
    Reject,

    /// <summary>The least urgent, latest waiting requests make room where the arrival is strictly more urgent by <see cref="InferenceRequest.Priority"/>; otherwise the arrival is refused.</summary>
    Displace,
}
