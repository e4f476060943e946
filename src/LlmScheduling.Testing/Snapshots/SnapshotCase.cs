namespace LlmScheduling.Testing;

/// <summary>A snapshot as plain data, so that it can be generated, shrunk, kept and printed; a <see cref="SchedulingSnapshot"/> itself can only live on the stack.</summary>
public sealed record SnapshotCase
{
    /// <summary>The live requests.</summary>
    public required IReadOnlyList<RequestView> Requests { get; init; }

    /// <summary>The step's time, from the scheduler's start.</summary>
    public required TimeSpan Now { get; init; }

    /// <summary>What each tenant has been served.</summary>
    public IReadOnlyList<TenantUsage> Tenants { get; init; } = [new(0, 1, 0, 0)];

    /// <summary>Budgets of a step.</summary>
    public BatchLimits Limits { get; init; } = new(2_048, 64);

    /// <summary>KV cache blocks.</summary>
    public KvBudget Kv { get; init; } = KvBudget.Unlimited;

    /// <summary>Predicts a step; null while nothing is known.</summary>
    public ILatencyModel? Latency { get; init; }

    /// <summary>Prices work.</summary>
    public WorkModel Work { get; init; }

    /// <summary>Tokens granted so far.</summary>
    public long ProcessedTokens { get; init; }

    /// <summary>Admissions so far.</summary>
    public long Admissions { get; init; }

    /// <summary>The step's randomness.</summary>
    public ulong Seed { get; init; }

    /// <summary>Asks <paramref name="policy"/> and returns its keys in the order of <see cref="Requests"/>; a key that it does not write is NaN.</summary>
    public PriorityKey[] KeysOf(ISchedulingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var requests = new RequestView[Requests.Count];
        for (int i = 0; i < requests.Length; i++)
            requests[i] = Requests[i];
        var tenants = new TenantUsage[Tenants.Count];
        for (int i = 0; i < tenants.Length; i++)
            tenants[i] = Tenants[i];
        var keys = new PriorityKey[requests.Length];
        Array.Fill(keys, new PriorityKey(0, 0, double.NaN));
        Ask(policy, requests, tenants, keys);
        return keys;
    }

    /// <summary>The case as a C# expression that can be pasted into a test.</summary>
    public override string ToString() => CSharpText.Of(this);

    internal void Ask(ISchedulingPolicy policy, ReadOnlySpan<RequestView> requests, ReadOnlySpan<TenantUsage> tenants, Span<PriorityKey> keys)
    {
        var snapshot = new SchedulingSnapshot
        {
            Requests = requests,
            Now = Now,
            Tenants = tenants,
            Kv = Kv,
            Limits = Limits,
            Latency = Latency,
            ProcessedTokens = ProcessedTokens,
            Admissions = Admissions,
            Work = Work,
            Seed = Seed,
        };
        policy.Prioritize(snapshot, keys);
    }
}
