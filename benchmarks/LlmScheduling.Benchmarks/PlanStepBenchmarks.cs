using BenchmarkDotNet.Attributes;

namespace LlmScheduling.Benchmarks;

/// <summary>
/// A whole step (PlanStep and CompleteStep) with 256 sequences running and a queue that keeps its length, beside sorting the
/// keys of all live requests.
/// </summary>
public class PlanStepBenchmarks
{
    private SteadyQueue _queue = null!;
    private PriorityKey[] _keys = [];
    private PriorityKey[] _sorted = [];

    [Params(1_000, 10_000, 100_000)]
    public int Live { get; set; }

    [Params("fcfs", "shortest-prompt", "priority")]
    public string Policy { get; set; } = "";

    [GlobalSetup]
    public void Fill()
    {
        ISchedulingPolicy policy = Policy switch
        {
            "fcfs" => new FirstComeFirstServed(),
            "shortest-prompt" => new ShortestPromptFirst(),
            _ => new ByPriority(),
        };
        _queue = new SteadyQueue(new SchedulingStack(Policy, policy), Live);
        _keys = _queue.Keys();
        _sorted = new PriorityKey[_keys.Length];
    }

    [GlobalCleanup]
    public void Dispose() => _queue.Dispose();

    // Each benchmark ends 256 requests per iteration, so that the queue has its length in the middle of it.
    [IterationSetup]
    public void TopUp() => _queue.TopUp(128);

    [Benchmark(Baseline = true, OperationsPerInvoke = 8)]
    public void SpanSortOfAllKeys()
    {
        for (int i = 0; i < 8; i++)
        {
            _keys.CopyTo(_sorted, 0);
            _sorted.AsSpan().Sort();
        }
    }

    [Benchmark(OperationsPerInvoke = 128)]
    public void StepWhere2End()
    {
        for (int i = 0; i < 128; i++)
            _queue.Step(ending: 2);
    }

    [Benchmark(OperationsPerInvoke = 8)]
    public void StepWhere32End()
    {
        for (int i = 0; i < 8; i++)
            _queue.Step(ending: 32);
    }
}
