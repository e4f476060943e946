namespace LlmScheduling.Testing;

/// <summary>Compares two runs plan by plan.</summary>
internal static class RunComparison
{
    /// <summary>The first plan made before <paramref name="until"/> in which the runs differ; null when there is none.</summary>
    public static string? FirstDifference(RecordedRun one, RecordedRun other, TimeSpan until)
    {
        int most = Math.Max(one.Steps.Count, other.Steps.Count);
        for (int i = 0; i < most; i++)
        {
            PlannedStep? left = i < one.Steps.Count ? one.Steps[i] : null, right = i < other.Steps.Count ? other.Steps[i] : null;
            if ((left?.At ?? TimeSpan.MaxValue) >= until && (right?.At ?? TimeSpan.MaxValue) >= until)
                return null;
            if (left is null || right is null || !left.SameAs(right))
                return $"{left?.ToString() ?? "Nothing more"} against {right?.ToString() ?? "nothing more"}.";
        }

        return null;
    }
}
