namespace LlmScheduling.Testing;

/// <summary>What happened in a run, by the engine's own books.</summary>
/// <param name="Case">The run.</param>
/// <param name="Requests">Its requests, as they ended.</param>
/// <param name="Steps">Plans that had work.</param>
/// <param name="Violation">What a watch found wrong, at which the run was broken off.</param>
/// <param name="Stall">Why the run did not come to its end.</param>
internal sealed record RecordedRun(RunCase Case, IReadOnlyList<RunRequest> Requests, IReadOnlyList<PlannedStep> Steps, string? Violation, string? Stall);
