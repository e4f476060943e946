namespace LlmScheduling;

/// <summary>Tokens that a logged plan grants.</summary>
/// <param name="Id">The request.</param>
/// <param name="Tokens">Tokens to process.</param>
public readonly record struct LoggedGrant(RequestId Id, int Tokens);
