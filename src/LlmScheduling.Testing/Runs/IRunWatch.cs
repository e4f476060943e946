namespace LlmScheduling.Testing;

/// <summary>Looks at every plan of a run before the engine takes it.</summary>
internal interface IRunWatch
{
    /// <summary>What is wrong with <paramref name="plan"/>, in one line; null when nothing is.</summary>
    string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now);
}
