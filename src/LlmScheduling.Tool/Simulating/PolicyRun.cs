using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>One policy's replay.</summary>
/// <param name="Name">The policy as given.</param>
/// <param name="Result">What happened.</param>
/// <param name="Figures">What it adds up to.</param>
internal sealed record PolicyRun(string Name, ReplayResult Result, ReplayReport Figures);
