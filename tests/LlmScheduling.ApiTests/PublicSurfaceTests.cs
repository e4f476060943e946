using System.Reflection;

namespace LlmScheduling.ApiTests;

public sealed class PublicSurfaceTests
{
    private const string AcceptVariable = "LLMSCHEDULING_ACCEPT_API";
    private const string Folder = "tests/LlmScheduling.ApiTests/Baselines";

    // The most public types a package may have. Raising a limit is a decision about how much a user must learn.
    private static readonly Dictionary<string, int> MostPublicTypes = new()
    {
        ["LlmScheduling"] = 142,
        ["LlmScheduling.AspNetCore"] = 10,
        ["LlmScheduling.Cuda"] = 8,
        ["LlmScheduling.Extensions.AI"] = 5,
        ["LlmScheduling.Simulation"] = 34,
        ["LlmScheduling.Testing"] = 12,
        ["LlmScheduling.Testing.Xunit"] = 1,
        ["LlmScheduling.Tool"] = 0,
    };

    public static TheoryData<string> Packages => [.. Repository.Packages.Keys];

    [Theory]
    [MemberData(nameof(Packages))]
    public void PublicSurface_OfEachPackage_IsTheCheckedInBaseline(string package)
    {
        Assert.SkipWhen(package == "LlmScheduling.Cuda" && Load(package).GetType("LlmScheduling.OnnxRequestRanker") is null, $"{package} was built without its ranker, since ONNX Runtime is missing.");
        string path = $"{Folder}/{package}.txt";
        IReadOnlyList<string> actual = PublicSurface.Of(Load(package));
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
            File.WriteAllText(Repository.Absolute(path), string.Concat(actual.Select(line => line + "\n")));

        string[] baseline = File.Exists(Repository.Absolute(path)) ? Repository.Lines(path) : [];
        Assert.True(actual.SequenceEqual(baseline), $"""
            The public surface of {package} is not that of {path}:
            {Difference(baseline, actual)}
            If this is meant, accept it in the same commit: {AcceptVariable}=1 dotnet test tests/LlmScheduling.ApiTests -c Release
            """);
    }

    [Fact]
    public void Baselines_AreThoseOfThePackages_AndNoOthers() =>
        Assert.Equal(
            Repository.Packages.Keys.Order(StringComparer.Ordinal),
            Repository.Files(Folder, "*.txt").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Packages))]
    public void PublicTypes_OfEachPackage_AreFewEnoughToLearn(string package)
    {
        Assert.True(MostPublicTypes.TryGetValue(package, out int most), $"{package} has no limit of public types; give it one.");
        int count = PublicSurface.Types(Load(package)).Count();
        Assert.True(count <= most, $"{package} has {count} public types; at most {most} are allowed.");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Classes_OfEachPackage_AreSealedStaticOrAbstract(string package) =>
        Assert.DoesNotContain(PublicSurface.Types(Load(package)), type => type is { IsClass: true, IsSealed: false, IsAbstract: false });

    private static Assembly Load(string package) => Assembly.Load(Repository.Packages[package]);

    private static string Difference(IReadOnlyList<string> baseline, IReadOnlyList<string> actual)
    {
        List<string> before = [.. WithTheirTypes(baseline)], after = [.. WithTheirTypes(actual)];
        IEnumerable<string> lines = [.. before.Except(after).Select(line => "- " + line), .. after.Except(before).Select(line => "+ " + line)];
        return lines.Any() ? string.Join(Environment.NewLine, lines) : "(only the order differs)";
    }

    /// <summary>Members name their type, so that a difference can be read alone.</summary>
    private static IEnumerable<string> WithTheirTypes(IEnumerable<string> lines)
    {
        string type = "";
        foreach (string line in lines)
        {
            if (line.StartsWith(' '))
            {
                yield return $"{type}: {line.Trim()}";
                continue;
            }

            type = line.Split(" : ")[0];
            yield return line;
        }
    }
}
