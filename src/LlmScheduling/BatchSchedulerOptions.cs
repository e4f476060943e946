namespace LlmScheduling;

/// <summary>Capacities of a <see cref="BatchScheduler"/>. Plain values: bindable, settable in a lambda, validated and frozen at construction.</summary>
public sealed class BatchSchedulerOptions
{
    /// <summary>Most requests that run at once (seats); 1 or more. Default: 256.</summary>
    public int MaxSequences { get; set; } = 256;

    /// <summary>Most tokens that one step processes; 1 or more. Default: 2,048.</summary>
    public int MaxBatchTokens { get; set; } = 2_048;

    /// <summary>Whether a prompt may be processed in several steps. Default: true.</summary>
    public bool ChunkedPrefill { get; set; } = true;

    /// <summary>Most tokens that one request gets in one step; 1 or more, null for no cap. Must be null without chunked prefill. Default: null.</summary>
    public int? PrefillChunkTokens { get; set; }

    /// <summary>Tokens that a decoding request is granted per step: 1 + the draft tokens of a speculating engine; 1 or more. Default: 1.</summary>
    public int TokensPerDecode { get; set; } = 1;

    /// <summary>Steps that may be planned and not completed at once; 1, or 2 to plan the next step while one runs. Default: 1.</summary>
    public int StepsInFlight { get; set; } = 1;

    /// <summary>Tokens per KV block; 1 or more. Default: 16.</summary>
    public int KvBlockTokens { get; set; } = 16;

    /// <summary>KV blocks of the engine; 1 or more, null when KV is never the limit. Default: null.</summary>
    public int? KvTotalBlocks { get; set; }

    /// <summary>When KV blocks are set aside. Default: <see cref="KvReservation.OnDemand"/>.</summary>
    public KvReservation KvReservation { get; set; }

    /// <summary>Most requests that wait for their first admission; 0 or more. Default: 10,000.</summary>
    public int MaxQueuedRequests { get; set; } = 10_000;

    /// <summary>Most prompt tokens that wait for their first admission; 1 or more. A longer prompt is unservable. Default: no limit.</summary>
    public long MaxQueuedTokens { get; set; } = long.MaxValue;

    /// <summary>What happens to an arrival at a full queue. Default: <see cref="QueueFullAction.Reject"/>.</summary>
    public QueueFullAction QueueFull { get; set; }

    /// <summary>Most tenants whose service is told apart; 1 or more. Idle ones leave first; beyond it tenants share one account. Default: 10,000.</summary>
    public int MaxTrackedTenants { get; set; } = 10_000;

    /// <summary>Weights of tenants by name, above 0; 1 for a tenant that is absent.</summary>
    public IDictionary<string, double> TenantWeights { get; private set; } = new Dictionary<string, double>();

    /// <summary>Seeds <see cref="SchedulingSnapshot.Seed"/>. Default: 0.</summary>
    public ulong Seed { get; set; }

    /// <summary>One message per value out of range, naming the property, what was found and what is allowed; empty when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        if (MaxSequences < 1) yield return Message(nameof(MaxSequences), MaxSequences, "1 or more");
        if (MaxBatchTokens < 1) yield return Message(nameof(MaxBatchTokens), MaxBatchTokens, "1 or more");
        if (PrefillChunkTokens < 1) yield return Message(nameof(PrefillChunkTokens), PrefillChunkTokens, "1 or more, or null");
        if (PrefillChunkTokens is not null && !ChunkedPrefill) yield return Message(nameof(PrefillChunkTokens), PrefillChunkTokens, "null without ChunkedPrefill");
        if (TokensPerDecode < 1) yield return Message(nameof(TokensPerDecode), TokensPerDecode, "1 or more");
        if (StepsInFlight is < 1 or > 2) yield return Message(nameof(StepsInFlight), StepsInFlight, "1 or 2");
        if (KvBlockTokens < 1) yield return Message(nameof(KvBlockTokens), KvBlockTokens, "1 or more");
        if (KvTotalBlocks < 1) yield return Message(nameof(KvTotalBlocks), KvTotalBlocks, "1 or more, or null");
        if (!Enum.IsDefined(KvReservation)) yield return Message(nameof(KvReservation), KvReservation, "OnDemand, WholePrompt or WholeContext");
        if (MaxQueuedRequests < 0) yield return Message(nameof(MaxQueuedRequests), MaxQueuedRequests, "0 or more");
        if (MaxQueuedTokens < 1) yield return Message(nameof(MaxQueuedTokens), MaxQueuedTokens, "1 or more");
        if (!Enum.IsDefined(QueueFull)) yield return Message(nameof(QueueFull), QueueFull, "Reject or Displace");
        if (MaxTrackedTenants < 1) yield return Message(nameof(MaxTrackedTenants), MaxTrackedTenants, "1 or more");
        foreach ((string tenant, double weight) in TenantWeights)
        {
            if (!(weight > 0 && double.IsFinite(weight))) yield return Message($"{nameof(TenantWeights)}[\"{tenant}\"]", weight, "a finite number above 0");
        }
    }

    /// <summary>A checked copy that nobody else can change.</summary>
    internal BatchSchedulerOptions Frozen()
    {
        if (Problems().FirstOrDefault() is { } problem)
            throw new ArgumentException(problem);
        var copy = (BatchSchedulerOptions)MemberwiseClone();
        copy.TenantWeights = new Dictionary<string, double>(TenantWeights, StringComparer.Ordinal);
        return copy;
    }

    private static string Message(string property, object? found, string allowed) =>
        FormattableString.Invariant($"BatchSchedulerOptions.{property} is {found}; it must be {allowed}.");
}
