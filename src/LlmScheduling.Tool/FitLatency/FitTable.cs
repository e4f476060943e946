using System.Globalization;

namespace LlmScheduling.Tool;

/// <summary>A fit for people: the coefficients, and the figures beside each other.</summary>
internal static class FitTable
{
    /// <summary>Writes the tables.</summary>
    public static void Write(ToolHost host, FitReport report)
    {
        if (report.Engines is [FittedEngine one])
        {
            host.Output.WriteLine($"{one.Name}: {one.File.FormName}");
            ColumnTable.Write(host, ["coefficient", "value"], [.. one.File.Coefficients.Select(pair => (IReadOnlyList<string>)[pair.Key, Text(pair.Value)])]);
        }
        else
        {
            string[] shown = ["prefill_mape", "token_time_mape", "e2e_mape"];
            ColumnTable.Write(host, ["engine", "form", .. shown], [.. report.Engines.Select(engine =>
                (IReadOnlyList<string>)[engine.Name, engine.File.FormName, .. shown.Select(name => Text(engine.File.Fit[name]))])]);
        }

        List<string> headings = ["figure", "fit"];
        if (report.Held is not null)
            headings.Add(report.HeldName);
        ColumnTable.Write(host, headings, [.. report.Fit.Select(pair =>
            (IReadOnlyList<string>)(report.Held is { } held ? [pair.Key, Text(pair.Value), Text(held[pair.Key])] : [pair.Key, Text(pair.Value)]))]);
    }

    private static string Text(double value) => double.IsFinite(value) ? value.ToString("G5", CultureInfo.InvariantCulture) : "-";
}
