namespace LlmScheduling.Testing;

/// <summary>How hard a generated run presses.</summary>
internal enum RunLoad
{
    /// <summary>Bursts, cancels, deadlines, tight budgets.</summary>
    Usual,

    /// <summary>Everything at once, equal sizes, few seats.</summary>
    Saturated,

    /// <summary>One request at a time.</summary>
    Alone,
}
