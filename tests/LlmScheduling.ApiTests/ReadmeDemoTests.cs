using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace LlmScheduling.ApiTests;

public sealed class ReadmeDemoTests
{
    private static readonly Dictionary<string, string> FieldOfColumn = new()
    {
        ["mean e2e"] = "mean_e2e_s", ["p50 e2e"] = "p50_e2e_s", ["p99 e2e"] = "p99_e2e_s",
        ["p50 TTFT"] = "p50_ttft_s", ["p99 TTFT"] = "p99_ttft_s", ["max wait"] = "max_wait_s",
    };

    [Fact]
    public void Readme_TableOfPolicies_IsWhatItsCommandPrints()
    {
        string[] lines = Repository.Lines("README.md");
        string command = lines.Single(line => line.Contains(" -- simulate ", StringComparison.Ordinal));
        string[][] table = [.. lines.SkipWhile(line => !line.StartsWith("| policy", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|')).Select(Cells)];
        string[] columns = table[0];

        using JsonDocument summary = JsonDocument.Parse(Run(command[(command.IndexOf(" -- ", StringComparison.Ordinal) + 4)..] + " --json"));
        JsonElement policies = summary.RootElement.GetProperty("policies");

        Assert.Equal(policies.EnumerateObject().Select(policy => policy.Name), table[2..].Select(row => row[0].Trim('`')));
        foreach (string[] row in table[2..])
        {
            JsonElement policy = policies.GetProperty(row[0].Trim('`'));
            for (int i = 1; i < columns.Length; i++)
            {
                double measured = policy.GetProperty(FieldOfColumn[columns[i]]).GetDouble(), shown = double.Parse(row[i], CultureInfo.InvariantCulture);
                Assert.True(Math.Abs(shown - measured) <= HalfOfTheLastDigit(row[i]), $"README, {row[0]}, {columns[i]}: {row[i]} is shown, {measured} is measured.");
            }
        }
    }

    private static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];

    private static double HalfOfTheLastDigit(string number)
    {
        int point = number.IndexOf('.', StringComparison.Ordinal);
        return 0.5000001 * Math.Pow(10, point < 0 ? 0 : point + 1 - number.Length);
    }

    private static string Run(string arguments)
    {
        string tool = Path.Combine(AppContext.BaseDirectory, Repository.Packages["LlmScheduling.Tool"] + ".dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", $"\"{tool}\" {arguments}")
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
