namespace LlmScheduling;

/// <summary>Tokens that one request gets in a step.</summary>
/// <param name="Id">The request.</param>
/// <param name="Tokens">Tokens to process; 1 or more.</param>
/// <param name="Request">The request as it was enqueued.</param>
public readonly record struct PlannedWork(RequestId Id, int Tokens, InferenceRequest Request);
