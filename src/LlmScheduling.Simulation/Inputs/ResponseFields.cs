namespace LlmScheduling.Simulation;

/// <summary>Where a log of answered prompts keeps what it is read for.</summary>
/// <param name="Prompt">The prompt's text.</param>
/// <param name="Length">Tokens of the answer.</param>
/// <param name="Finish">Why the answer ended; null: every answer is whole.</param>
/// <param name="Time">When it was given, as a number of seconds or as ISO 8601; null: not known.</param>
internal sealed record ResponseFields(string Prompt = "prompt", string Length = "response_tokens", string? Finish = null, string? Time = null);
