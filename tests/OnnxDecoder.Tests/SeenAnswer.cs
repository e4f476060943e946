namespace OnnxDecoder.Tests;

/// <summary>An answer as a client saw it.</summary>
internal sealed record SeenAnswer(string Text, string? Finish, int PromptTokens, int CompletionTokens);
