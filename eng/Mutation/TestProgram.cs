using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmScheduling.Mutation;

/// <summary>A scratch copy of a built test project, which runs chosen tests against whatever core lies beside it.</summary>
internal sealed partial class TestProgram
{
    /// <summary>Seconds of processor time that a mutant may take before the sound core is measured, of which it may then take ten times as much. Time on the clock says nothing on a busy machine.</summary>
    private const double ProcessorAllowance = 60;

    /// <summary>Seconds on the clock after which a program that uses no processor time hangs.</summary>
    private const double LongestSilence = 120;

    private readonly string _folder;
    private readonly string _name;
    private readonly string _sound;

    public TestProgram(string built, string name, string scratch)
    {
        _name = name;
        _folder = Path.Combine(scratch, name);
        Copy(built, _folder);
        _sound = Path.Combine(scratch, $"{name}.sound");
        File.Copy(Path.Combine(built, Core), _sound);
        string list = Shell.Read(Path.Combine(_folder, name), "-list", "full/json", "-preEnumerateTheories");
        Cases = [.. JsonDocument.Parse(list[..(list.LastIndexOf(']') + 1)]).RootElement.EnumerateArray()
            .Select(item => new TestCase(item.GetProperty("ID").GetString()!, item.GetProperty("Class").GetString()!, item.GetProperty("DisplayName").GetString()!))];
    }

    public const string Core = "LlmScheduling.dll";

    public IReadOnlyList<TestCase> Cases { get; }

    public (Verdict Verdict, string Detail) Try(string core, IReadOnlyList<TestCase> cases)
    {
        if (cases.Count == 0)
            return (Verdict.Survived, "");
        (Verdict verdict, string detail, double seconds) = Run(core, cases, ProcessorAllowance);
        if (verdict == Verdict.TimedOut && seconds > ProcessorAllowance)
        {
            double allowance = 10 * Measure(cases);
            if (allowance > ProcessorAllowance)
                (verdict, detail, _) = Run(core, cases, allowance);
        }

        return (verdict, detail);
    }

    /// <summary>Processor seconds of these tests on the sound core; throws when they fail twice.</summary>
    public double Measure(IReadOnlyList<TestCase> cases)
    {
        (Verdict verdict, string detail, double seconds) = Run(_sound, cases, double.PositiveInfinity);
        if (verdict != Verdict.Survived)
            (verdict, detail, seconds) = Run(_sound, cases, double.PositiveInfinity);
        return verdict == Verdict.Survived ? seconds : throw new InvalidOperationException($"{_name}: the sound core fails {detail}.");
    }

    private (Verdict Verdict, string Detail, double Seconds) Run(string core, IReadOnlyList<TestCase> cases, double mostSeconds)
    {
        File.Copy(core, Path.Combine(_folder, Core), overwrite: true);
        string[] arguments = ["-preEnumerateTheories", "-stopOnFail", "-parallel", "none", "-noColor", "-noLogo", .. cases.SelectMany(test => new[] { "-id", test.Id })];
        using Process process = Shell.Start(Path.Combine(_folder, _name), arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        double seconds = 0;
        var sinceProgress = Stopwatch.StartNew();
        while (!process.WaitForExit(200))
        {
            process.Refresh();
            double used = process.HasExited ? seconds : process.TotalProcessorTime.TotalSeconds;
            if (used > seconds + 0.05)
                sinceProgress.Restart();
            seconds = Math.Max(seconds, used);
            if (seconds <= mostSeconds && sinceProgress.Elapsed.TotalSeconds <= LongestSilence)
                continue;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return (Verdict.TimedOut, seconds > mostSeconds ? $"after {seconds:0} s of processor time" : "without using the processor", seconds);
        }

        string printed = output.Result + errors.Result;
        string? failed = printed.Split('\n').FirstOrDefault(line => line.Contains("[FAIL]", StringComparison.Ordinal));
        // Rows that cannot be listed beforehand are counted when they run.
        bool ranAll = TotalOf().Match(printed) is { Success: true } total && int.Parse(total.Groups[1].Value, CultureInfo.InvariantCulture) >= cases.Count;
        return process.ExitCode == 0 && ranAll
            ? (Verdict.Survived, "", seconds)
            : (Verdict.Killed, failed?.Replace("[FAIL]", "", StringComparison.Ordinal).Trim() ?? $"exit code {process.ExitCode}: {printed[..Math.Min(200, printed.Length)].ReplaceLineEndings(" ")}", seconds);
    }

    [GeneratedRegex(@"Total: (\d+),")]
    private static partial Regex TotalOf();

    private static void Copy(string from, string to)
    {
        foreach (string path in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target, overwrite: true);
        }
    }
}
