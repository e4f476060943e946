using System.Text;

namespace LlmScheduling.Mutation;

/// <summary>The table of a run.</summary>
internal static class Report
{
    public static string Of(IReadOnlyList<Finding> findings, int ofHowMany)
    {
        var text = new StringBuilder();
        text.AppendLine($"{findings.Count} of {ofHowMany} mutants were tried.").AppendLine();
        text.AppendLine("| folder | tried | not compiled | killed | timeout | survived | score | 95 % interval |").AppendLine("|---|---:|---:|---:|---:|---:|---:|---|");
        foreach (IGrouping<string, Finding> folder in findings.GroupBy(finding => finding.Folder).OrderBy(group => group.Key, StringComparer.Ordinal))
            text.AppendLine(Row(folder.Key, [.. folder]));
        text.AppendLine(Row("all", findings)).AppendLine();
        text.AppendLine("| rule | tried | not compiled | killed | timeout | survived | score | 95 % interval |").AppendLine("|---|---:|---:|---:|---:|---:|---:|---|");
        foreach (IGrouping<string, Finding> rule in findings.GroupBy(finding => finding.Rule).OrderBy(group => group.Key, StringComparer.Ordinal))
            text.AppendLine(Row(rule.Key, [.. rule]));
        text.AppendLine().AppendLine("| noticed by | mutants |").AppendLine("|---|---:|");
        foreach (IGrouping<string, Finding> stage in findings.Where(finding => finding.Stage.Length > 0).GroupBy(finding => finding.Stage))
            text.AppendLine($"| {stage.Key} | {stage.Count()} |");
        foreach ((Verdict verdict, string title) in new[] { (Verdict.Survived, "Survived"), (Verdict.TimedOut, "Timed out") })
        {
            text.AppendLine().AppendLine($"{title}:").AppendLine();
            foreach (Finding finding in findings.Where(finding => finding.Verdict == verdict).OrderBy(finding => finding.Mutant, StringComparer.Ordinal))
                text.AppendLine($"- {finding.Mutant}{(finding.Detail.Length > 0 ? $" ({finding.Stage}, {finding.Detail})" : "")}");
        }

        return text.ToString();
    }

    private static string Row(string name, IReadOnlyList<Finding> findings)
    {
        int Count(Verdict verdict) => findings.Count(finding => finding.Verdict == verdict);
        int noticed = Count(Verdict.Killed) + Count(Verdict.TimedOut), all = noticed + Count(Verdict.Survived);
        (double low, double high) = Wilson(noticed, all);
        return $"| {name} | {findings.Count} | {Count(Verdict.NotCompiled)} | {Count(Verdict.Killed)} | {Count(Verdict.TimedOut)} | {Count(Verdict.Survived)} | {100.0 * noticed / Math.Max(1, all):0.0} % | {100 * low:0.0} to {100 * high:0.0} % |";
    }

    /// <summary>Wilson's score interval of a share, 95 %.</summary>
    private static (double Low, double High) Wilson(int hits, int of)
    {
        if (of == 0)
            return (0, 1);
        const double Z = 1.96;
        double share = (double)hits / of, centre = share + Z * Z / (2 * of), spread = Z * Math.Sqrt(share * (1 - share) / of + Z * Z / (4.0 * of * of)), scale = 1 + Z * Z / of;
        return ((centre - spread) / scale, (centre + spread) / scale);
    }
}
