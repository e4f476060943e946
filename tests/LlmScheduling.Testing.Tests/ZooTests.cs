using System.Globalization;
using System.Text.RegularExpressions;

namespace LlmScheduling.Testing.Tests;

/// <summary>The kit must catch what is broken, by the law that is meant for it. LLMSCHED_LAW_SEEDS=1000 goes through as many seeds.</summary>
public sealed partial class ZooTests
{
    private const int DefaultSeeds = 5;

    private static readonly Dictionary<string, Specimen> Specimens = PolicyZoo.All.Concat(RunZoo.All).Concat(RankerZoo.All).ToDictionary(specimen => specimen.Name);

    public static TheoryData<string> Names => new(Specimens.Keys);

    private static int Seeds =>
        int.TryParse(Environment.GetEnvironmentVariable("LLMSCHED_LAW_SEEDS"), CultureInfo.InvariantCulture, out int seeds) ? seeds : DefaultSeeds;

    [Theory]
    [MemberData(nameof(Names))]
    public void Check_BrokenSubject_IsCaughtByItsLawUnderEverySeed(string name)
    {
        Specimen specimen = Specimens[name];
        for (ulong seed = 1; seed <= (ulong)Seeds; seed++)
        {
            LawViolationException? caught = specimen.Caught(seed, new LawOptions().Cases);
            Assert.True(caught is not null, $"Seed {seed}: not caught.");
            Assert.Equal(specimen.Law, caught.Law.Name);
        }
    }

    [Fact]
    public void Check_BrokenSubjects_AreShownBySmallCases()
    {
        var sizes = Specimens.Values.ToDictionary(specimen => specimen.Name, specimen => Requests().Count(specimen.Caught(1, new LawOptions().Cases)?.Counterexample ?? ""));
        int small = sizes.Count(size => size.Value <= 4);
        Assert.True(small >= 0.75 * sizes.Count, string.Join('\n', sizes.Where(size => size.Value > 4).Select(size => $"{size.Key}: {size.Value} requests")));
    }

    [GeneratedRegex(@"Id = (new\(|"")")]
    private static partial Regex Requests();
}
