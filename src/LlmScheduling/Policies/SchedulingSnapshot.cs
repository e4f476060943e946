namespace LlmScheduling;

/// <summary>Everything a policy may look at in one step; it has no other input.</summary>
public readonly ref struct SchedulingSnapshot
{
    /// <summary>Creates a snapshot; tests of policies build their own.</summary>
    public SchedulingSnapshot()
    {
    }

    /// <summary>The live requests, running and waiting, in no particular order.</summary>
    public required ReadOnlySpan<RequestView> Requests { get; init; }

    /// <summary>This step's time, from the scheduler's start.</summary>
    public required TimeSpan Now { get; init; }

    /// <summary>What each tenant has been served, by <see cref="RequestView.TenantIndex"/>.</summary>
    public ReadOnlySpan<TenantUsage> Tenants { get; init; }

    /// <summary>KV cache blocks of the engine.</summary>
    public KvBudget Kv { get; init; }

    /// <summary>Token and sequence budgets of a step.</summary>
    public BatchLimits Limits { get; init; }

    /// <summary>Predicts a step's duration; null while nothing is known.</summary>
    public ILatencyModel? Latency { get; init; }

    /// <summary>Tokens granted in all finished steps.</summary>
    public long ProcessedTokens { get; init; }

    /// <summary>Admissions so far; its parity serves "every second admission".</summary>
    public long Admissions { get; init; }

    /// <summary>Prices work in server-seconds; the default counts tokens.</summary>
    public WorkModel Work { get; init; }

    /// <summary>This decision's randomness: hash it with a request's id. Each plan has its own, an empty one too.</summary>
    public ulong Seed { get; init; }

    /// <summary>Expected server-seconds of one request by its median predicted length, never NaN: the size that shortest-work, ageing and guards share. An unknown length counts as 0 tokens.</summary>
    public double WorkSeconds(in RequestView request) =>
        Work.Seconds(request.PromptTokens, request.Length.IsKnown ? Math.Min(request.Length.Median, int.MaxValue) : 0, Limits);
}
