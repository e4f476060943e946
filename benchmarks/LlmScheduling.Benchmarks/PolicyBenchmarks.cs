using System.Diagnostics;
using BenchmarkDotNet.Attributes;

namespace LlmScheduling.Benchmarks;

/// <summary>
/// What a policy costs in a step: keys for 2,000 waiting requests and 64 or 256 that run, mixed code and chat with promises that
/// they can still keep. Each length has a spread of its own, or all have the same. Guards are measured while everybody is overdue.
/// </summary>
public class PolicyBenchmarks
{
    private const int Waiting = 2_000;

    private ISchedulingPolicy _policy = null!;
    private RequestView[] _requests = [];
    private PriorityKey[] _keys = [];

    [Params(64, 256)]
    public int Seats { get; set; }

    [Params(false, true)]
    public bool OwnSpreads { get; set; }

    [Params("fcfs", "shortest-work", "gittins", "atc", "slo", "slo-pausing", "annealed-slo", "backlog-boost", "backlog-guard", "starvation", "aging")]
    public string Policy { get; set; } = "";

    [GlobalSetup]
    public void Fill()
    {
        var shortest = new ShortestWorkFirst();
        _policy = Policy switch
        {
            "shortest-work" => shortest,
            "gittins" => new GittinsFirst(),
            "atc" => new ApparentTardinessCost(),
            "slo" => new AttainableWorkFirst(),
            "slo-pausing" => new AttainableWorkPausing(),
            "annealed-slo" => new AnnealedSlo(),
            "backlog-boost" => new BacklogBoost(),
            "backlog-guard" => shortest.WithBacklogGuard(0),
            "starvation" => shortest.WithStarvationBound(TimeSpan.Zero),
            "aging" => shortest.WithRelativeAging(),
            _ => new FirstComeFirstServed(),
        };
        var random = new MoveRandom(7);
        _requests = [.. Enumerable.Range(0, Seats + Waiting).Select(i => QueuePlanBenchmarks.Request(i, i < Seats, ref random))];
        for (int i = 0; i < _requests.Length; i++)
        {
            float spread = OwnSpreads ? 0.4f + (float)(0.4 * random.NextUnit()) : 0.6f;
            _requests[i] = _requests[i] with { Length = new LengthEstimate(_requests[i].Length.Median, spread), PlannedPosition = i < Seats + 64 ? i : -1 };
        }

        _keys = new PriorityKey[_requests.Length];

        // So that what is measured is compiled for speed before the first iteration.
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1))
            Keys();
    }

    [Benchmark]
    public void Keys() => _policy.Prioritize(
        new SchedulingSnapshot
        {
            Requests = _requests,
            Now = TimeSpan.FromSeconds(100),
            Admissions = 1,
            Limits = new BatchLimits(2_048, Seats),
            Work = new WorkModel(0.029, 7.1e-5, 1.5e-4, 2.9e-7, 0.7),
            Seed = 5,
        },
        _keys);
}
