namespace LlmScheduling.Tests;

/// <summary>An observer that keeps what has ended.</summary>
internal sealed class EndedRequests : ISchedulingObserver
{
    private readonly List<EndedRequest> _all = [];

    public IReadOnlyList<EndedRequest> All => _all;

    public EndedRequest Single => Assert.Single(_all);

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request) => _all.Add(request);
}
