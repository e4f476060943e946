using System.Text.RegularExpressions;

namespace LlmScheduling.ApiTests;

public sealed partial class SourceFileTests
{
    private const int MostLines = 300;

    // Files that may be longer, with the reason and the length they may reach.
    private static readonly Dictionary<string, (int Lines, string Reason)> LongFiles = new()
    {
        ["src/LlmScheduling/BatchScheduler.cs"] = (420, "the whole of what a user calls, with its documentation"),
    };

    private static readonly string[] SourceFiles = [.. Repository.Files("src", "*.cs")];

    [Fact]
    public void SourceFiles_Names_SayWhatTheyDecide() =>
        Assert.DoesNotContain(SourceFiles, path => EmptyWord().IsMatch(Path.GetFileNameWithoutExtension(path)));

    [Fact]
    public void SourceFiles_Hold_OneTypeOfTheirName()
    {
        foreach (string path in SourceFiles)
        {
            string[] types = [.. Repository.Lines(path).Select(line => TopLevelType().Match(line)).Where(match => match.Success).Select(match => match.Groups["name"].Value)];
            Assert.True(types.Length <= 1, $"{path} declares {string.Join(", ", types)}; one type, one file.");
            Assert.True(types.Length == 1 || Path.GetFileName(path) == "Program.cs", $"{path} declares no type.");
            Assert.True(types.Length == 0 || types[0] == Path.GetFileNameWithoutExtension(path), $"{path} declares {types.FirstOrDefault()}; a file has its type's name.");
        }
    }

    [Fact]
    public void SourceFiles_Lengths_AreAtMost300Lines()
    {
        foreach (string path in SourceFiles)
        {
            int lines = Repository.Lines(path).Length, most = LongFiles.TryGetValue(path, out (int Lines, string Reason) exception) ? exception.Lines : MostLines;
            Assert.True(lines <= most, $"{path} has {lines} lines; at most {most}. Split it, or list it above with a reason.");
        }
    }

    [Fact]
    public void LongFiles_AreLong()
    {
        foreach (string path in LongFiles.Keys)
            Assert.True(Repository.Lines(path).Length > MostLines, $"{path} needs no exception any more.");
    }

    [Fact]
    public void SourceFiles_OfEachPackage_AreSmallAsARule()
    {
        foreach (string package in Repository.Packages.Keys)
        {
            int[] lengths = [.. Repository.Files($"src/{package}", "*.cs").Select(path => Repository.Lines(path).Length).Order()];
            Assert.True(lengths[lengths.Length / 2] <= 60, $"The median file of {package} has {lengths[lengths.Length / 2]} lines; 60 is the aim.");
        }
    }

    [GeneratedRegex("(Manager|Helpers?|Utils?|Utility|Utilities|Common|Processor|Handler|Base|Impl)$")]
    private static partial Regex EmptyWord();

    [GeneratedRegex(@"^((public|internal|file|sealed|static|abstract|readonly|partial|unsafe|ref) )*(class|struct|record( struct| class)?|interface|enum|delegate \S+) (?<name>\w+)")]
    private static partial Regex TopLevelType();
}
