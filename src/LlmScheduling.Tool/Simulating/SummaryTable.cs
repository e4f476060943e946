namespace LlmScheduling.Tool;

/// <summary>The comparison as a table for people.</summary>
internal static class SummaryTable
{
    /// <summary>Writes the facts and a row per policy.</summary>
    public static void Write(ToolHost host, PolicyComparison comparison)
    {
        foreach (string fact in comparison.Facts)
            WrappedText.Write(host, "", fact);
        host.Output.WriteLine();
        IReadOnlyList<SummaryColumn> columns = SummaryColumn.For(comparison.Runs);
        ColumnTable.Write(host, ["policy (times in s)", .. columns.Select(column => column.Heading)],
            [.. comparison.Runs.Select(run => (IReadOnlyList<string>)[run.Name, .. columns.Select(column => column.Cell(run))])]);
    }
}
