namespace LlmScheduling;

/// <summary>Which formula a latency model uses.</summary>
public enum LatencyForm : byte
{
    /// <summary>Seconds per step, prefill token, decode sequence and context token.</summary>
    Linear,

    /// <summary>Piecewise linear in the step's tokens, with attention terms: where a step is bound by memory, then by arithmetic.</summary>
    Hinge,

    /// <summary>Linear, with the share of experts that a mixture-of-experts step touches, and attention terms.</summary>
    Experts,
}
