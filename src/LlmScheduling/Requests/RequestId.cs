namespace LlmScheduling;

/// <summary>Identifies a request; given in enqueue order by the scheduler, so it is also the last tie-break of every order.</summary>
/// <param name="Sequence">Position in enqueue order, from 0.</param>
public readonly record struct RequestId(long Sequence);
