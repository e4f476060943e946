namespace LlmScheduling;

/// <summary>Where a live request stands. Phases only go forward, but for a preemption, which goes back to waiting.</summary>
public enum RequestPhase : byte
{
    /// <summary>Never admitted yet.</summary>
    Waiting,

    /// <summary>Holds a seat and its KV blocks.</summary>
    Running,

    /// <summary>Was admitted, lost its seat and its KV blocks, and waits again.</summary>
    Preempted,
}
