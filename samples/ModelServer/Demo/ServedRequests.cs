using System.Globalization;
using LlmScheduling;
using LlmScheduling.Simulation;

/// <summary>Notes what the scheduler served, so that the simulator can be asked what it would have made of the same arrivals.</summary>
internal sealed class ServedRequests : ISchedulingObserver
{
    private readonly List<EndedRequest> _ended = [];

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request)
    {
        lock (_ended)
            _ended.Add(request);
    }

    /// <summary>What has ended since it was last taken.</summary>
    public EndedRequest[] Take()
    {
        lock (_ended)
        {
            EndedRequest[] taken = [.. _ended];
            _ended.Clear();
            return taken;
        }
    }

    /// <summary>The same arrivals, lengths and classes as a workload.</summary>
    public static Workload AsWorkload(IEnumerable<EndedRequest> served) => new("served", served.Select(request => new TraceRequest
    {
        Id = request.Id.Sequence.ToString(CultureInfo.InvariantCulture),
        ArrivedAt = request.ArrivedAt,
        InputTokens = request.Request.PromptTokens,
        OutputTokens = Math.Max(1, request.GeneratedTokens),
        MaxOutputTokens = request.Request.MaxOutputTokens,
        TrafficClass = request.Request.TrafficClass,
    }));
}
