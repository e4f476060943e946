namespace LlmScheduling;

/// <summary>
/// Keeps what each tenant has been served: a virtual token counter per tenant (Fairness in Serving LLMs, OSDI 2024), lifted
/// to the smallest counter among the active tenants when an idle one comes back, and to that of the tenant that left last
/// when nobody is active, so that idle time is never credit. Bounded: idle tenants leave first, and
/// beyond the bound tenants share one account. Not thread-safe.
/// </summary>
internal sealed class TenantLedger
{
    private const double PromptTokenCost = 1, OutputTokenCost = 2;

    private readonly Dictionary<string, int> _indexByName = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, double> _weights;
    private readonly int _maxTenants;
    private TenantUsage[] _usage = new TenantUsage[8];
    private string[] _names = new string[8];
    private int[] _live = new int[8];
    private int _count;
    private long _admissions;
    private double _lastToLeave;

    public TenantLedger(IDictionary<string, double> weights, int maxTenants)
    {
        _weights = new Dictionary<string, double>(weights, StringComparer.Ordinal);
        _maxTenants = maxTenants;
    }

    public ReadOnlySpan<TenantUsage> Usage => _usage.AsSpan(0, _count);

    /// <summary>Tenants that have live requests.</summary>
    public int Active => _live.Count(live => live > 0);

    /// <summary>Counts a live request in and returns its tenant's index, which stays valid until <see cref="Leave"/>.</summary>
    public int Enter(string name)
    {
        int index = IndexOf(name);
        if (_live[index]++ == 0)
            Lift(index);
        return index;
    }

    public void Leave(int index)
    {
        if (--_live[index] == 0)
            _lastToLeave = _usage[index].ServedCost;
    }

    public void Admitted(int index) => _usage[index] = _usage[index] with { LastAdmission = ++_admissions };

    public void ChargePrompt(int index, int tokens) => Charge(index, tokens * PromptTokenCost);

    public void ChargeOutput(int index, int tokens) => Charge(index, tokens * OutputTokenCost);

    private void Charge(int index, double cost)
    {
        ref TenantUsage usage = ref _usage[index];
        usage = usage with { ServedCost = usage.ServedCost + cost / usage.Weight };
    }

    private void Lift(int index)
    {
        double floor = double.PositiveInfinity;
        for (int t = 0; t < _count; t++)
        {
            if (t != index && _live[t] > 0)
                floor = Math.Min(floor, _usage[t].ServedCost);
        }

        if (double.IsPositiveInfinity(floor))
            floor = _lastToLeave;
        if (floor > _usage[index].ServedCost)
            _usage[index] = _usage[index] with { ServedCost = floor };
    }

    private int IndexOf(string name)
    {
        if (_indexByName.TryGetValue(name, out int index))
            return index;
        if (_count < _maxTenants)
            index = Append();
        else if (LeastRecentlyAdmittedIdle() is int idle and >= 0)
            index = Forget(idle);
        else
            return 0;

        int order = 0;
        for (int t = 0; t < _count; t++)
        {
            if (t == index)
                continue;
            if (string.CompareOrdinal(_names[t], name) < 0)
                order++;
            else
                _usage[t] = _usage[t] with { NameOrder = _usage[t].NameOrder + 1 };
        }

        _names[index] = name;
        _usage[index] = new TenantUsage(0, _weights.GetValueOrDefault(name, 1), order, 0);
        _indexByName.Add(name, index);
        return index;
    }

    private int Append()
    {
        if (_count == _usage.Length)
        {
            Array.Resize(ref _usage, _count * 2);
            Array.Resize(ref _names, _count * 2);
            Array.Resize(ref _live, _count * 2);
        }

        return _count++;
    }

    private int LeastRecentlyAdmittedIdle()
    {
        int oldest = -1;
        for (int t = 0; t < _count; t++)
        {
            if (_live[t] == 0 && (oldest < 0 || _usage[t].LastAdmission < _usage[oldest].LastAdmission))
                oldest = t;
        }

        return oldest;
    }

    private int Forget(int index)
    {
        _indexByName.Remove(_names[index]);
        for (int t = 0; t < _count; t++)
        {
            if (_usage[t].NameOrder > _usage[index].NameOrder)
                _usage[t] = _usage[t] with { NameOrder = _usage[t].NameOrder - 1 };
        }

        return index;
    }
}
