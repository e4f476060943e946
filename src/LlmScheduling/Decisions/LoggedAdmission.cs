namespace LlmScheduling;

/// <summary>A request that a logged plan admits, and the key that it went by: of two admitted in one step, the smaller key went first.</summary>
/// <param name="Id">The request.</param>
/// <param name="Key">Its key in that step.</param>
public readonly record struct LoggedAdmission(RequestId Id, PriorityKey Key);
