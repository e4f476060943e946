using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>The scheduler of a run as the laws see it; broken ones stand in for the real one in the kit's own tests.</summary>
internal interface IRunSubject : IDisposable
{
    RequestTicket Enqueue(InferenceRequest request);

    void Cancel(RequestId id);

    PlannedStep Plan();

    void Complete(long step, TimeSpan duration, ReadOnlySpan<RequestProgress> progress);

    /// <summary>Replays what one like it recorded.</summary>
    DecisionReplayResult Replay(Stream log);
}
