namespace LlmScheduling.Simulation;

/// <summary>What an engine may take from a running request.</summary>
public enum Preemption : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>KV blocks, under pressure.</summary>
    Kv,

    /// <summary>KV blocks under pressure, and seats for more urgent requests.</summary>
    Priority,
}
