namespace LlmScheduling.Simulation;

/// <summary>The engine that a replay simulates. Immutable.</summary>
public sealed record EngineSettings
{
    /// <summary>Seats; 1 or more.</summary>
    public required int MaxSequences { get; init; }

    /// <summary>Token budget of one step; 1 or more.</summary>
    public required int MaxBatchTokens { get; init; }

    /// <summary>Most tokens that one request gets in one step; null for no cap.</summary>
    public int? PrefillChunkTokens { get; init; }

    /// <summary>Whether a prompt may be processed in several steps.</summary>
    public bool ChunkedPrefill { get; init; } = true;

    /// <summary>Tokens per KV block.</summary>
    public int KvBlockTokens { get; init; } = 16;

    /// <summary>KV blocks; null when KV is never the limit.</summary>
    public int? KvBlocks { get; init; }

    /// <summary>What may be preempted.</summary>
    public Preemption Preemption { get; init; }

    /// <summary>Smallest priority difference that lets a waiting request take a running one's seat.</summary>
    public int PreemptionGap { get; init; } = 1;

    /// <summary>When KV blocks are set aside; null: the whole context without preemption, else on demand.</summary>
    public KvReservation? KvReservation { get; init; }

    /// <summary>Most requests that wait for their first admission; null for no cap.</summary>
    public int? MaxQueuedRequests { get; init; }

    /// <summary>What happens to an arrival at a full queue.</summary>
    public QueueFullAction QueueFull { get; init; }

    /// <summary>Whether a deadline is also the queue timeout.</summary>
    public bool ExpireAtDeadline { get; init; }

    /// <summary>Waiting requests that do not fit and may be passed in one step.</summary>
    public int LookAheadRequests { get; init; }

    /// <summary>0: a step is planned when it starts; 1: it is fixed while the one before it runs.</summary>
    public int LookAheadSteps { get; init; }

    /// <summary>Whether a victim finds its own KV blocks again unless they were overwritten.</summary>
    public bool PreemptedBlocksAsCache { get; init; }

    /// <summary>Ranks that step together, as long as the slowest; seats, tokens and KV blocks are per rank.</summary>
    public int DataParallelRanks { get; init; } = 1;

    /// <summary>The output limit that policies and KV reservation see where the trace has none; null: the replay decides.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>How long a step takes.</summary>
    public required StepCost StepCost { get; init; }
}
