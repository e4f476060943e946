using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LlmScheduling.ApiTests;

public sealed class ProjectFileTests
{
    public static TheoryData<string> Projects => [.. AllProjects()];

    public static TheoryData<string> PackageProjects => [.. Repository.Files("src", "*.csproj")];

    [Theory]
    [MemberData(nameof(PackageProjects))]
    public void PackageProject_IsPackable_AndSaysWhatItIs(string path)
    {
        XDocument project = XDocument.Load(Repository.Absolute(path));
        Assert.NotEqual("false", project.Descendants("IsPackable").FirstOrDefault()?.Value);
        string description = project.Descendants("Description").FirstOrDefault()?.Value ?? "";
        Assert.True(description.Length >= 40, $"{path} describes itself as '{description}'.");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_TakesItsVersions_FromOneFile(string path)
    {
        foreach (XElement package in XDocument.Load(Repository.Absolute(path)).Descendants("PackageReference"))
        {
            Assert.Null(package.Attribute("Version"));
            Assert.Null(package.Attribute("VersionOverride"));
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_IsInTheSolution(string path) =>
        Assert.Contains(path.Replace('/', '\\'), File.ReadAllText(Repository.Absolute("LlmScheduling.sln")), StringComparison.Ordinal);

    [Fact]
    public void PackageVersions_AreAllUsed()
    {
        string[] used = [.. AllProjects().Concat(Repository.Files("eng", "*.csproj")).Append("Directory.Build.props").Append("tests/Directory.Build.props")
            .SelectMany(path => XDocument.Load(Repository.Absolute(path)).Descendants("PackageReference"))
            .Select(package => package.Attribute("Include")!.Value)];
        string[] known = [.. XDocument.Load(Repository.Absolute("Directory.Packages.props")).Descendants("PackageVersion").Select(package => package.Attribute("Include")!.Value)];
        Assert.Empty(known.Except(used));
    }

    [Fact]
    public void References_BetweenPackages_PointOneWay()
    {
        foreach (string path in Repository.Files("src", "*.csproj"))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            string[] references = [.. Regex.Matches(File.ReadAllText(Repository.Absolute(path)), @"ProjectReference Include="".*?(?<name>[\w.]+)\.csproj""").Select(match => match.Groups["name"].Value)];
            if (name == "LlmScheduling")
                Assert.Empty(references);
            Assert.DoesNotContain("LlmScheduling.Tool", references);
        }
    }

    private static IEnumerable<string> AllProjects() =>
        new[] { "src", "tests", "samples", "benchmarks" }.SelectMany(folder => Repository.Files(folder, "*.csproj"));
}
