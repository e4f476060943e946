namespace LlmScheduling;

/// <summary>A request's place in a plan of the queue.</summary>
/// <param name="Id">The request.</param>
/// <param name="Position">Its place, from 0; places may be missing between.</param>
internal readonly record struct PlannedRequest(RequestId Id, int Position);
