using System.Text.RegularExpressions;

namespace LlmScheduling.ApiTests;

/// <summary>docs/policies.md says of every policy what its doc comment says.</summary>
public sealed partial class PolicyDocumentTests
{
    private const string Document = "docs/policies.md";

    private static readonly Dictionary<string, string> SummaryByPolicy = Repository.Files("src", "*.cs")
        .Select(path => File.ReadAllText(Repository.Absolute(path)))
        .Where(text => PolicyType().IsMatch(text))
        .ToDictionary(text => PolicyType().Match(text).Groups["name"].Value, text => AsMarkdown(Summary().Match(text).Groups["text"].Value));

    public static TheoryData<string> Policies => [.. SummaryByPolicy.Keys];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Section_OfEachPolicy_BeginsWithItsDocComment(string policy)
    {
        string[] lines = Repository.Lines(Document);
        int heading = Array.IndexOf(lines, $"### {policy}");
        Assert.True(heading >= 0, $"{Document} has no section '### {policy}'.");
        Assert.Equal(SummaryByPolicy[policy], lines[heading + 2]);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void DocComment_OfEachPolicy_IsTwoSentencesAndAFormula(string policy)
    {
        string[] sentences = SentenceEnd().Split(SummaryByPolicy[policy]);
        Assert.Equal(3, sentences.Length);
        Assert.Contains(": `", sentences[2], StringComparison.Ordinal);
    }

    private static string AsMarkdown(string comment)
    {
        string text = Regex.Replace(comment, @"\n\s*/// ?", " ");
        text = Regex.Replace(text, @"<(see cref|paramref name)=""([\w.]*\.)?(?<name>\w+)""\s*/>", "`${name}`");
        text = text.Replace("<c>", "`", StringComparison.Ordinal).Replace("</c>", "`", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal).Replace("&lt;", "<", StringComparison.Ordinal);
        return Regex.Replace(text, @"\s+", " ").Trim();
    }

    [GeneratedRegex(@"^(public )sealed class (?<name>\w+)[^\n]*: ISchedulingPolicy", RegexOptions.Multiline)]
    private static partial Regex PolicyType();

    [GeneratedRegex(@"/// <summary>(?<text>.*?)</summary>", RegexOptions.Singleline)]
    private static partial Regex Summary();

    [GeneratedRegex(@"(?<=\.) (?=[A-Z])")]
    private static partial Regex SentenceEnd();
}
