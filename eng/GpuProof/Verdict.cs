namespace LlmScheduling.GpuProof;

/// <summary>What became of a claim.</summary>
internal enum Verdict
{
    Shown,
    Refuted,
    NotShown,
}
