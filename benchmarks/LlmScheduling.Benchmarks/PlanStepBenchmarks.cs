using System.Diagnostics;
using BenchmarkDotNet.Attributes;

namespace LlmScheduling.Benchmarks;

/// <summary>
/// Planning a step with 256 sequences running and a queue that keeps its length, and the whole step with its completion,
/// beside sorting all live requests by key and id, which is the order that a planner needs, and by key alone.
/// </summary>
public class PlanStepBenchmarks
{
    private static bool _isCompiled;

    private SteadyQueue _queue = null!;
    private PriorityKey[] _keys = [];
    private PriorityKey[] _sortedKeys = [];
    private Candidate[] _candidates = [];
    private Candidate[] _sortedCandidates = [];

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
        _candidates = _queue.Candidates();
        _keys = [.. _candidates.Select(candidate => candidate.Key)];
        _sortedCandidates = new Candidate[_candidates.Length];
        _sortedKeys = new PriorityKey[_keys.Length];
        WarmUp();
    }

    [GlobalCleanup]
    public void Dispose() => _queue.Dispose();

    // Each benchmark ends 256 requests per iteration, so that the queue has its length in the middle of it.
    [IterationSetup]
    public void TopUp() => _queue.TopUp(128);

    [Benchmark(Baseline = true, OperationsPerInvoke = 8)]
    public void SpanSortOfKeysAndIds()
    {
        for (int i = 0; i < 8; i++)
        {
            _candidates.CopyTo(_sortedCandidates, 0);
            _sortedCandidates.AsSpan().Sort();
        }
    }

    [Benchmark(OperationsPerInvoke = 8)]
    public void SpanSortOfKeysAlone()
    {
        for (int i = 0; i < 8; i++)
        {
            _keys.CopyTo(_sortedKeys, 0);
            _sortedKeys.AsSpan().Sort();
        }
    }

    [Benchmark(OperationsPerInvoke = 128)]
    public void PlanStepWhere2End()
    {
        for (int i = 0; i < 128; i++)
            _queue.Step(ending: 2, reportsDecodes: false);
    }

    [Benchmark(OperationsPerInvoke = 128)]
    public void WholeStepWhere2End()
    {
        for (int i = 0; i < 128; i++)
            _queue.Step(ending: 2);
    }

    [Benchmark(OperationsPerInvoke = 8)]
    public void WholeStepWhere32End()
    {
        for (int i = 0; i < 8; i++)
            _queue.Step(ending: 32);
    }

    // Iterations are short, so what is measured is compiled for speed before the first; on a busy machine that takes seconds.
    private void WarmUp()
    {
        long began = Stopwatch.GetTimestamp();
        TimeSpan span = TimeSpan.FromSeconds(_isCompiled ? 0.3 : 6);
        _isCompiled = true;
        while (Stopwatch.GetElapsedTime(began) < span)
        {
            SpanSortOfKeysAndIds();
            SpanSortOfKeysAlone();
            TopUp();
            PlanStepWhere2End();
            TopUp();
            WholeStepWhere2End();
            TopUp();
            WholeStepWhere32End();
        }
    }
}
