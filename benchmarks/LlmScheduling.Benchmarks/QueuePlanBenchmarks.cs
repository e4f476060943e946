using BenchmarkDotNet.Attributes;

namespace LlmScheduling.Benchmarks;

/// <summary>
/// Planning a queue on the timeline of seats, all seats taken and every request with a promise that it can still keep; and what
/// the engine's thread does: the copy that a plan is made from, the plan read, the keys of the policy beside those of its rule.
/// </summary>
public class QueuePlanBenchmarks
{
    private readonly SeatsAnnealer _annealer = new();
    private readonly SnapshotCopy _copy = new();
    private readonly QueuePlan _plan = new();
    private readonly AnnealedSlo _policy = new();
    private readonly ApparentTardinessCost _rule = new();
    private RequestView[] _requests = [];
    private PriorityKey[] _keys = [];
    private int[] _positions = [];

    [Params(500, 2_000)]
    public int Waiting { get; set; }

    [Params(64, 256)]
    public int Seats { get; set; }

    private SchedulingSnapshot Snapshot => new()
    {
        Requests = _requests,
        Now = TimeSpan.FromSeconds(100),
        Limits = new BatchLimits(2_048, Seats),
        Work = new WorkModel(0.029, 7.1e-5, 1.5e-4, 2.9e-7, 0.7),
        Seed = 5,
    };

    [GlobalSetup]
    public void Fill()
    {
        var random = new MoveRandom(7);
        _requests = [.. Enumerable.Range(0, Seats + Waiting).Select(i => Request(i, i < Seats, ref random))];
        _keys = new PriorityKey[_requests.Length];
        _positions = new int[_requests.Length];
        Plan();
        for (int i = 0; i < _requests.Length; i++)
            _requests[i] = _requests[i] with { PlannedPosition = _positions[i] };
    }

    [Benchmark]
    public int Plan()
    {
        _positions.AsSpan().Fill(-1);
        _annealer.Plan(Snapshot, _positions);
        return _positions[^1];
    }

    [Benchmark]
    public void Copy() => _copy.Take(Snapshot);

    [Benchmark]
    public void ReadPlan() => _plan.Read(_requests, _positions);

    [Benchmark]
    public void KeysOfThePolicy() => _policy.Prioritize(Snapshot, _keys);

    [Benchmark]
    public void KeysOfTheRule() => _rule.Prioritize(Snapshot, _keys);

    internal static RequestView Request(int id, bool isRunning, ref MoveRandom random)
    {
        bool isChat = random.NextBelow(2) == 0;
        int prompt = 50 + random.NextBelow(3_000), output = 1 + random.NextBelow(isChat ? 400 : 40);
        TimeSpan arrived = TimeSpan.FromSeconds(100 - (isRunning ? 3 : 0.5 * random.NextUnit()));
        var view = new RequestView
        {
            Id = new RequestId(id),
            ArrivedAt = arrived,
            LastScheduledAt = arrived,
            PromptTokens = prompt,
            MaxOutputTokens = 1_000,
            Length = new LengthEstimate(output, 0.6f),
            FirstTokenDue = isChat ? arrived + TimeSpan.FromSeconds(30) : TimeSpan.MaxValue,
            TokenInterval = isChat ? TimeSpan.FromSeconds(0.2) : TimeSpan.MaxValue,
            Deadline = isChat ? TimeSpan.MaxValue : arrived + TimeSpan.FromSeconds(40),
        };
        return isRunning
            ? view with { Phase = RequestPhase.Running, AdmissionOrder = id, GeneratedTokens = 1, ComputedTokens = prompt, FirstTokenAt = TimeSpan.FromSeconds(100) }
            : view;
    }
}
