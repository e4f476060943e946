namespace LlmScheduling.Testing;

/// <summary>How hard a generated run presses.</summary>
internal enum RunLoad
{
    /// <summary>Bursts, cancels, deadlines, tight budgets.</summary>
    Usual,

    /// <summary>Everything at once, equal sizes, few seats.</summary>
    Saturated,

    /// <summary>Tenants that come in bursts, with requests of different sizes, for few seats.</summary>
    Tenants,

    /// <summary>One request at a time.</summary>
    Alone,
}
