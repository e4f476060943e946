namespace LlmScheduling;

/// <summary>A request that a plan names: its identity and the object that was enqueued.</summary>
/// <param name="Id">The request.</param>
/// <param name="Request">The request as it was enqueued.</param>
public readonly record struct RequestHandle(RequestId Id, InferenceRequest Request);
