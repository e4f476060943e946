using System.Collections.Concurrent;
using LlmScheduling;

namespace ModelServerTests;

/// <summary>An engine that runs a step only when a test allows it, and notes what it is told. An answer is "w1 w2 w3 ...", as many as the prompt's last number says, or without end.</summary>
internal sealed class SteppedEngine(TimeProvider? time = null) : IModelEngine
{
    private readonly SemaphoreSlim _allowed = new(0);
    private readonly ConcurrentDictionary<RequestId, bool> _held = new();
    private volatile bool _runsFreely;
    private long _steps;

    public string Model => "stepped";

    public BatchSchedulerOptions Capacity { get; } = new() { MaxSequences = 8, MaxBatchTokens = 64, MaxQueuedRequests = 64 };

    public int MaxContextTokens => 1_000_000_000;

    public ILatencyModel? Latency => null;

    public TimeProvider Time => time ?? TimeProvider.System;

    /// <summary>Thrown by steps while it is set.</summary>
    public Exception? Fault { get; set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Steps that were run.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>Requests whose KV it holds.</summary>
    public ICollection<RequestId> Held => _held.Keys;

    /// <summary>Every request that was in a plan.</summary>
    public ConcurrentDictionary<RequestId, bool> Seen { get; } = new();

    /// <summary>How many steps had been run when a request was freed.</summary>
    public ConcurrentDictionary<RequestId, long> FreedAfter { get; } = new();

    /// <summary>Allows one step, unless one is allowed already.</summary>
    public void Allow()
    {
        if (_allowed.CurrentCount == 0)
            _allowed.Release();
    }

    public void RunFreely()
    {
        _runsFreely = true;
        _allowed.Release();
    }

    public void Prepare(Generation generation)
    {
        string[] words = generation.Prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        generation.PromptTokens = words.Length;
        generation.Sequence = new Sequence { Length = words.Length > 0 && int.TryParse(words[^1], out int length) && length > 0 ? length : int.MaxValue };
    }

    public TimeSpan Run(BatchPlan plan, StepOutput output)
    {
        foreach (ref readonly PlannedWork work in plan.Work)
            _held[work.Id] = Seen[work.Id] = true;
        if (!_runsFreely)
            _allowed.Wait();
        Interlocked.Increment(ref _steps);
        if (Fault is not null)
            throw Fault;
        foreach (ref readonly PlannedWork work in plan.Work)
        {
            var generation = (Generation)work.Request.State!;
            var sequence = (Sequence)generation.Sequence!;
            int computed = Math.Min(work.Tokens, generation.PromptTokens + sequence.Emitted - sequence.Computed);
            sequence.Computed += computed;
            if (sequence.Computed < generation.PromptTokens + sequence.Emitted)
                output.Add(work, computed);
            else
                output.Add(work, computed, $"w{++sequence.Emitted} ", sequence.Emitted >= sequence.Length);
        }

        return TimeSpan.FromMilliseconds(1);
    }

    public void Free(RequestId id)
    {
        _held.TryRemove(id, out _);
        FreedAfter[id] = Steps;
    }

    public void Dispose() => IsDisposed = true;

    private sealed class Sequence
    {
        public required int Length { get; init; }

        public int Computed { get; set; }

        public int Emitted { get; set; }
    }
}
