namespace LlmScheduling;

/// <summary>A copy of a snapshot, for whoever reads it while the original goes on. Its buffers are reused.</summary>
internal sealed class SnapshotCopy
{
    private RequestView[] _requests = [];
    private TenantUsage[] _tenants = [];
    private int _tenantCount;
    private TimeSpan _now;
    private KvBudget _kv;
    private BatchLimits _limits;
    private ILatencyModel? _latency;
    private WorkModel _work;
    private long _processedTokens, _admissions;
    private ulong _seed;

    /// <summary>How many requests it holds.</summary>
    public int Count { get; private set; }

    /// <summary>The copy; valid until the next <see cref="Take"/>.</summary>
    public SchedulingSnapshot Snapshot => new()
    {
        Requests = _requests.AsSpan(0, Count),
        Now = _now,
        Tenants = _tenants.AsSpan(0, _tenantCount),
        Kv = _kv,
        Limits = _limits,
        Latency = _latency,
        ProcessedTokens = _processedTokens,
        Admissions = _admissions,
        Work = _work,
        Seed = _seed,
    };

    public void Take(in SchedulingSnapshot snapshot)
    {
        (Count, _tenantCount) = (snapshot.Requests.Length, snapshot.Tenants.Length);
        if (_requests.Length < Count)
            _requests = new RequestView[2 * Count];
        if (_tenants.Length < _tenantCount)
            _tenants = new TenantUsage[2 * _tenantCount];
        snapshot.Requests.CopyTo(_requests);
        snapshot.Tenants.CopyTo(_tenants);
        (_now, _kv, _limits, _latency) = (snapshot.Now, snapshot.Kv, snapshot.Limits, snapshot.Latency);
        (_processedTokens, _admissions, _work, _seed) = (snapshot.ProcessedTokens, snapshot.Admissions, snapshot.Work, snapshot.Seed);
    }
}
