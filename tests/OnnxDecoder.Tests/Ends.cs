using System.Collections.Concurrent;
using LlmScheduling;

namespace OnnxDecoder.Tests;

/// <summary>Notes how each request ended; fails on one that ends twice.</summary>
internal sealed class Ends : ISchedulingObserver
{
    public ConcurrentDictionary<RequestId, RequestOutcome> All { get; } = new();

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request) => All.AddOrUpdate(request.Id, request.Outcome, (id, _) => throw new InvalidOperationException($"{id} ended twice."));
}
