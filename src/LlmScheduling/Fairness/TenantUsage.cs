namespace LlmScheduling;

/// <summary>What one tenant has been served.</summary>
/// <param name="ServedCost">Served cost in tokens (prompt 1, output 2 each) divided by the weight; lifted to the smallest among the active tenants, or to that of the last active one, when an idle tenant comes back.</param>
/// <param name="Weight">Share of service relative to other tenants; 1 unless configured.</param>
/// <param name="NameOrder">Place of the tenant's name in ordinal order among the tracked tenants.</param>
/// <param name="LastAdmission">Number of the tenant's latest admission, counted over all tenants from 1; 0 for none.</param>
public readonly record struct TenantUsage(double ServedCost, double Weight, int NameOrder, long LastAdmission);
