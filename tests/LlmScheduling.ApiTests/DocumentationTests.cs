using System.Text;
using System.Text.RegularExpressions;

namespace LlmScheduling.ApiTests;

public sealed partial class DocumentationTests
{
    private static readonly string[] Documents = [.. Repository.Files(".", "*.md")];

    [Fact]
    public void Links_WithinTheRepository_Resolve() => Assert.All(Documents, CheckLinks);

    [Fact]
    public void CodeBlocks_InCSharp_AreLinesOfFilesThatTheBuildCompiles() => Assert.All(Documents, CheckCode);

    [Fact]
    public void CodeBlocks_SayTheirLanguage() =>
        Assert.All(Documents, path => Assert.DoesNotContain(Fences(path), fence => fence.IsOpening && fence.Language.Length == 0));

    [Fact]
    public void Readme_FirstBlock_IsTheTwoCommandsOfAFreshMachine()
    {
        Fence first = Fences("README.md").First();
        Assert.Equal("sh", first.Language);
        string[] commands = Repository.Lines("README.md")[(first.Line + 1)..(first.Line + 3)];
        Assert.Equal("dotnet run -c Release --project samples/ModelServer -- --demo", commands[0]);
        Assert.StartsWith("dotnet test LlmScheduling.sln", commands[1], StringComparison.Ordinal);
        Assert.Equal("```", Repository.Lines("README.md")[first.Line + 3]);
    }

    [Fact]
    public void Decisions_AreNumberedWithoutGaps_AndListed()
    {
        string[] pages = [.. Repository.Files("docs/decisions", "*.md").Select(path => Path.GetFileName(path)!).Where(name => name != "README.md")];
        string list = File.ReadAllText(Repository.Absolute("docs/decisions/README.md"));
        for (int i = 0; i < pages.Length; i++)
        {
            Assert.StartsWith($"{i + 1:0000}-", pages[i], StringComparison.Ordinal);
            Assert.Contains($"]({pages[i]})", list, StringComparison.Ordinal);
        }
    }

    private static readonly Lazy<List<string[]>> CompiledFiles = new(() =>
        [.. new[] { "samples", "src", "tests" }.SelectMany(folder => Repository.Files(folder, "*.cs")).Select(path => Meaningful(Repository.Lines(path)))]);

    private static void CheckLinks(string path)
    {
        foreach (Match link in Link().Matches(WithoutCode(path)))
        {
            string target = link.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                continue;
            string[] parts = target.Split('#');
            string file = parts[0].Length == 0 ? path : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, parts[0]));
            string absolute = Repository.Absolute(file);
            Assert.True(File.Exists(absolute) || Directory.Exists(absolute), $"{path} links to {target}, which is not there.");
            if (parts.Length == 2)
                Assert.True(Anchors(file).Contains(parts[1]), $"{path} links to {target}; {file} has no such heading.");
        }
    }

    private static void CheckCode(string path)
    {
        foreach (string[] block in Blocks(path, "csharp"))
        {
            Assert.True(block.Length > 0, $"{path} has an empty code block.");
            Assert.True(CompiledFiles.Value.Any(file => Holds(file, block)), $"""
                {path} shows code that no file under samples, src or tests holds line by line:
                {string.Join(Environment.NewLine, block)}
                """);
        }
    }

    private static string[] Meaningful(IEnumerable<string> lines) => [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0)];

    private static bool Holds(string[] file, string[] block) =>
        Enumerable.Range(0, Math.Max(0, file.Length - block.Length + 1)).Any(at => file.AsSpan(at, block.Length).SequenceEqual(block));

    private static IEnumerable<string[]> Blocks(string path, string language)
    {
        string[] lines = Repository.Lines(path);
        Fence[] fences = [.. Fences(path)];
        Assert.True(fences.Length % 2 == 0, $"{path} has a code block that does not end.");
        for (int i = 0; i < fences.Length; i += 2)
        {
            if (fences[i].Language == language)
                yield return Meaningful(lines[(fences[i].Line + 1)..fences[i + 1].Line]);
        }
    }

    private static IEnumerable<Fence> Fences(string path)
    {
        string[] lines = Repository.Lines(path);
        bool inside = false;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimStart();
            if (!line.StartsWith("```", StringComparison.Ordinal))
                continue;
            inside = !inside;
            yield return new Fence(i, line[3..].Trim(), inside);
        }
    }

    private static string WithoutCode(string path)
    {
        string[] lines = Repository.Lines(path);
        HashSet<int> code = [];
        Fence[] fences = [.. Fences(path)];
        for (int i = 0; i + 1 < fences.Length; i += 2)
            code.UnionWith(Enumerable.Range(fences[i].Line, fences[i + 1].Line - fences[i].Line + 1));
        return CodeSpan().Replace(string.Join('\n', lines.Where((_, i) => !code.Contains(i))), "");
    }

    /// <summary>Headings as the usual renderers name them: lower case, without punctuation, blanks as hyphens.</summary>
    private static HashSet<string> Anchors(string path)
    {
        HashSet<string> anchors = [];
        foreach (string line in Repository.Lines(path).Where(line => line.StartsWith('#')))
        {
            var anchor = new StringBuilder();
            foreach (char letter in line.TrimStart('#').Trim().ToLowerInvariant())
                anchor.Append(letter == ' ' ? "-" : char.IsLetterOrDigit(letter) || letter is '-' or '_' ? letter.ToString() : "");
            anchors.Add(anchor.ToString());
        }

        return anchors;
    }

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex CodeSpan();

    private readonly record struct Fence(int Line, string Language, bool IsOpening);
}
