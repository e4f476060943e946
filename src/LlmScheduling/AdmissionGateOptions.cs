namespace LlmScheduling;

/// <summary>Capacities of an <see cref="AdmissionGate"/>. Plain values: bindable, settable in a lambda, validated and frozen at construction.</summary>
public sealed class AdmissionGateOptions
{
    /// <summary>Most requests that one instance serves at once (seats); 1 or more. Default: 64.</summary>
    public int MaxSequences { get; set; } = 64;

    /// <summary>Most tokens in flight per instance, prompts and expected outputs together; 1 or more. A request whose prompt and longest output exceed it is unservable. Default: no limit.</summary>
    public long MaxTokens { get; set; } = long.MaxValue;

    /// <summary>Instances behind the gate, all of these capacities; 1 to 4,096. Default: 1.</summary>
    public int Instances { get; set; } = 1;

    /// <summary>Most requests that wait for a seat; 0 or more, where 0 means that whoever finds no seat is refused. Default: 512.</summary>
    public int MaxQueuedRequests { get; set; } = 512;

    /// <summary>Most prompt tokens that wait for a seat; 1 or more. Default: no limit.</summary>
    public long MaxQueuedTokens { get; set; } = long.MaxValue;

    /// <summary>What happens to an arrival at a full queue. Default: <see cref="QueueFullAction.Reject"/>.</summary>
    public QueueFullAction QueueFull { get; set; }

    /// <summary>Most tenants whose service is told apart; 1 or more. Idle ones leave first; beyond it tenants share one account. Default: 10,000.</summary>
    public int MaxTrackedTenants { get; set; } = 10_000;

    /// <summary>Weights of tenants by name, above 0; 1 for a tenant that is absent.</summary>
    public IDictionary<string, double> TenantWeights { get; private set; } = new Dictionary<string, double>();

    /// <summary>Seeds <see cref="SchedulingSnapshot.Seed"/>. Default: 0.</summary>
    public ulong Seed { get; set; }

    /// <summary>Seats of all instances together.</summary>
    internal int Seats => (int)Math.Min(int.MaxValue, (long)Instances * MaxSequences);

    /// <summary>One message per value out of range, naming the property, what was found and what is allowed; empty when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        if (MaxSequences < 1) yield return Message(nameof(MaxSequences), MaxSequences, "1 or more");
        if (MaxTokens < 1) yield return Message(nameof(MaxTokens), MaxTokens, "1 or more");
        if (Instances is < 1 or > 4_096) yield return Message(nameof(Instances), Instances, "1 to 4096");
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
    internal AdmissionGateOptions Frozen()
    {
        if (Problems().FirstOrDefault() is { } problem)
            throw new ArgumentException(problem);
        var copy = (AdmissionGateOptions)MemberwiseClone();
        copy.TenantWeights = new Dictionary<string, double>(TenantWeights, StringComparer.Ordinal);
        return copy;
    }

    private static string Message(string property, object? found, string allowed) =>
        FormattableString.Invariant($"AdmissionGateOptions.{property} is {found}; it must be {allowed}.");
}
