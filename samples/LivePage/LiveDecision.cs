namespace LlmScheduling.Samples;

/// <summary>One decision.</summary>
/// <param name="At">Seconds since the scheduler began, by its clock.</param>
/// <param name="What">What was decided, and about which request.</param>
/// <param name="Why">What it was decided by.</param>
internal sealed record LiveDecision(double At, string What, string Why);
