using System.Globalization;
using System.Text.Json;

/// <summary>The share of the requests served under a stack that kept what they were promised, as the server tells whoever asks.</summary>
internal static class ToldAttainment
{
    /// <summary>What the live page shows; NaN where it shows nothing of that stack.</summary>
    public static async Task<double> ByPageAsync(HttpClient http, string stack)
    {
        using JsonDocument state = JsonDocument.Parse(await http.GetStringAsync("/scheduler/state"));
        JsonElement[] rows = [.. state.RootElement.GetProperty("attainment").EnumerateArray().Where(row => row.GetProperty("stack").GetString() == stack)];
        return rows.Sum(row => row.GetProperty("met").GetDouble()) / rows.Sum(row => row.GetProperty("ended").GetDouble());
    }

    /// <summary>What the metrics count; NaN where they count nothing of that stack.</summary>
    public static async Task<double> ByMetricsAsync(HttpClient http, string stack)
    {
        string[] lines = [.. (await http.GetStringAsync("/metrics")).Split('\n')
            .Where(line => line.StartsWith("llm_scheduling_slo_attainment_total{", StringComparison.Ordinal) && line.Contains($"policy=\"{stack}\"", StringComparison.Ordinal))];
        return lines.Where(line => line.Contains("met=\"true\"", StringComparison.Ordinal)).Sum(ValueOf) / lines.Sum(ValueOf);
    }

    private static double ValueOf(string line) => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
}
