namespace LlmScheduling.Simulation;

/// <summary>Queue and batch at the start of a step.</summary>
/// <param name="At">The time.</param>
/// <param name="Waiting">Requests that wait.</param>
/// <param name="Running">Requests that run.</param>
public readonly record struct QueueSample(TimeSpan At, int Waiting, int Running);
