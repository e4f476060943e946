namespace LlmScheduling.Simulation;

/// <summary>A replay did not drain: requests remain, nothing runs, and nothing will arrive.</summary>
/// <param name="message">Who remains, and since when.</param>
public sealed class ReplayStalledException(string message) : Exception(message);
