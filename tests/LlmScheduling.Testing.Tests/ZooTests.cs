using System.Globalization;
using System.Text.RegularExpressions;

namespace LlmScheduling.Testing.Tests;

/// <summary>The kit must catch what is broken, by the law that is meant for it. LLMSCHED_LAW_SEEDS=1000 goes through as many seeds.</summary>
public sealed partial class ZooTests
{
    private const int DefaultSeeds = 3, CasesToCount = 500;

    /// <summary>Showing in so many of the cases, a specimen escapes all 200 of a default run once in 17 million runs.</summary>
    private const double LeastShare = 0.08;

    public static TheoryData<string> Names => new(Zoo.All.Keys);

    private static ulong Seeds =>
        ulong.TryParse(Environment.GetEnvironmentVariable("LLMSCHED_LAW_SEEDS"), CultureInfo.InvariantCulture, out ulong seeds) ? seeds : DefaultSeeds;

    [Theory]
    [MemberData(nameof(Names))]
    public void Check_BrokenSubject_IsCaughtByItsLawUnderEverySeed(string name)
    {
        Specimen specimen = Zoo.All[name];
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            LawViolationException? caught = specimen.Caught(seed, shrinks: false);
            Assert.True(caught is not null, $"Seed {seed}: not caught.");
            Assert.Equal(specimen.Law, caught.Law.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Cases_OfEachSpecimen_ShowItOften(string name)
    {
        Specimen specimen = Zoo.All[name];
        double share = specimen.ShareShowing(CasesToCount);
        Assert.True(share >= LeastShare || Zoo.ShowAfterAllCases.Contains(name), string.Create(CultureInfo.InvariantCulture, $"It shows in {share:P1} of the cases."));
    }

    [Fact]
    public void Check_BrokenSubjects_AreShownBySmallCases()
    {
        var sizes = Zoo.All.Values.ToDictionary(specimen => specimen.Name, specimen => SizeOf(specimen.Caught(1)));
        Assert.DoesNotContain(sizes, size => size.Value is null);
        Assert.True(sizes.Count(size => size.Value <= 4) >= 0.75 * sizes.Count, string.Join('\n', sizes.Where(size => size.Value > 4).Select(size => $"{size.Key}: {size.Value} requests")));
    }

    /// <summary>Writes benchmarks/results/laws.md.</summary>
    [Fact(Explicit = true)]
    public void Table_OfDetection_IsWritten()
    {
        const int Cases = 5_000;
        var table = new List<string>();
        foreach (Specimen specimen in Zoo.All.Values)
        {
            double share = specimen.ShareShowing(Cases);
            string shown = Zoo.ShowAfterAllCases.Contains(specimen.Name) ? "after all cases" : string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0}");
            table.Add($"| {specimen.Name} | {specimen.Law} | {shown} | {SizeOf(specimen.Caught(1))} |");
        }

        string path = Path.Combine(Repository.Root, "benchmarks/results/laws.md");
        string[] kept = [.. File.ReadAllLines(path).TakeWhile(line => !line.StartsWith("| specimen", StringComparison.Ordinal))];
        File.WriteAllLines(path, [.. kept, "| specimen | law | % of cases | requests |", "|---|---|---:|---:|", .. table]);
        Assert.NotEmpty(table);
    }

    /// <summary>Requests, or prompts, of the counter-example.</summary>
    private static int? SizeOf(LawViolationException? violation) =>
        violation is null ? null : Request().Count(violation.Counterexample) is > 0 and int requests ? requests : Prompt().Count(violation.Counterexample);

    [GeneratedRegex(@"Id = (new\(|"")")]
    private static partial Regex Request();

    [GeneratedRegex(@"(?<!\\)""(\\.|[^""\\])*""")]
    private static partial Regex Prompt();
}
