using System.Collections.Concurrent;
using LlmScheduling;

namespace ModelServerTests;

/// <summary>Notes who ended, how, and after how many of the engine's steps.</summary>
internal sealed class Ends(SteppedEngine engine) : ISchedulingObserver
{
    public ConcurrentDictionary<RequestId, (RequestOutcome Outcome, long Steps)> All { get; } = new();

    public RequestOutcome? Of(long id) => All.TryGetValue(new RequestId(id), out var end) ? end.Outcome : null;

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request) => All[request.Id] = (request.Outcome, engine.Steps);
}
