namespace LlmScheduling;

/// <summary>A request's place in a plan of the queue.</summary>
/// <param name="Id">The request.</param>
/// <param name="Position">Its place, from 0; places may be missing between.</param>
public readonly record struct LoggedPlace(RequestId Id, int Position);
