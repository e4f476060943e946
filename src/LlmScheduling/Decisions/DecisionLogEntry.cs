namespace LlmScheduling;

/// <summary>One line of a decision log. What its <see cref="Kind"/> does not speak of is null, empty or zero. Times run from the scheduler's start.</summary>
public sealed record DecisionLogEntry
{
    /// <summary>What the line tells.</summary>
    public required DecisionKind Kind { get; init; }

    /// <summary>Its line in the file, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>Its number, from 1, counted over dropped lines too: more than one above the line before means that lines are missing.</summary>
    public required long Number { get; init; }

    /// <summary>When it happened; of an arrival and a refusal, when the request was enqueued. Null for header, stack, score, cancel, cached prefix and end.</summary>
    public TimeSpan? At { get; init; }

    /// <summary>The request that the line is about.</summary>
    public RequestId? Id { get; init; }

    /// <summary>Header: the scheduler's options.</summary>
    public BatchSchedulerOptions? Options { get; init; }

    /// <summary>Header and stack: the name of the stack in force.</summary>
    public string? StackName { get; init; }

    /// <summary>Header and stack: the allocation in force.</summary>
    public TokenAllocation? Allocation { get; init; }

    /// <summary>Header: the type of the latency model that the scheduler was given.</summary>
    public string? LatencyModel { get; init; }

    /// <summary>Header: the type of the victim policy that the scheduler was given.</summary>
    public string? VictimPolicy { get; init; }

    /// <summary>Arrival and refusal: the request; its prompt is never logged, and what it was promised stands in <see cref="Targets"/>.</summary>
    public InferenceRequest? Request { get; init; }

    /// <summary>Arrival and refusal: what was promised.</summary>
    public SloTargets? Targets { get; init; }

    /// <summary>Arrival and refusal: <see cref="SchedulingSnapshot.ProcessedTokens"/> when the request was enqueued.</summary>
    public long ProcessedTokens { get; init; }

    /// <summary>Refusal and outcome: how the request ended.</summary>
    public RequestOutcome? Outcome { get; init; }

    /// <summary>Cached prefix: the tokens reported.</summary>
    public int CachedPrefixTokens { get; init; }

    /// <summary>Score: the ranker's; NaN leaves the request as it was.</summary>
    public float Score { get; init; } = float.NaN;

    /// <summary>Score: the predicted length; unknown leaves the request as it was.</summary>
    public LengthEstimate Length { get; init; }

    /// <summary>Score: whether it stands in place of another ranker's; NaN and an unknown length then take back what that one had said.</summary>
    public bool Replaces { get; init; }

    /// <summary>Plan and completion: the step; 0 for an empty plan.</summary>
    public long Step { get; init; }

    /// <summary>Plan: the free KV blocks that the engine told; null when it told none.</summary>
    public int? FreeKvBlocks { get; init; }

    /// <summary>Plan: the plan of the queue that came into force with this step; null when none did.</summary>
    public IReadOnlyList<LoggedPlace>? Places { get; init; }

    /// <summary>Plan: who got how many tokens, in grant order.</summary>
    public IReadOnlyList<LoggedGrant> Work { get; init; } = [];

    /// <summary>Plan: who was admitted in this step, in order, and by which key.</summary>
    public IReadOnlyList<LoggedAdmission> Admitted { get; init; } = [];

    /// <summary>Plan: who lost seat and KV blocks.</summary>
    public IReadOnlyList<RequestId> Preempted { get; init; } = [];

    /// <summary>Plan: who ended without the engine while holding KV blocks.</summary>
    public IReadOnlyList<RequestId> Released { get; init; } = [];

    /// <summary>Plan: why the step was first come, first served; null when the policy was well.</summary>
    public string? PolicyFault { get; init; }

    /// <summary>Completion: how long the engine took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Completion: what the step added.</summary>
    public IReadOnlyList<RequestProgress> Progress { get; init; } = [];

    /// <summary>Outcome: why generation stopped.</summary>
    public FinishReason Finish { get; init; }

    /// <summary>Outcome: when the request was first admitted; null for never.</summary>
    public TimeSpan? AdmittedAt { get; init; }

    /// <summary>Outcome: when its first token was emitted; null for never.</summary>
    public TimeSpan? FirstTokenAt { get; init; }

    /// <summary>Outcome: output tokens.</summary>
    public int GeneratedTokens { get; init; }

    /// <summary>Outcome: how often it lost its seat or its KV blocks.</summary>
    public int Preemptions { get; init; }

    /// <summary>End: lines that were dropped in all.</summary>
    public long Dropped { get; init; }
}
