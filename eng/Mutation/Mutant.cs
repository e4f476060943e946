using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace LlmScheduling.Mutation;

/// <summary>One small change of one source file.</summary>
internal sealed record Mutant(string File, SyntaxTree Tree, TextSpan Span, string Replacement, string Rule)
{
    public string Id { get; } = Describe(File, Tree, Span, Replacement);

    private static string Describe(string file, SyntaxTree tree, TextSpan span, string replacement)
    {
        LinePosition start = tree.GetLineSpan(span).StartLinePosition;
        return $"{file}:{start.Line + 1}:{start.Character + 1} `{OneLine(tree.GetText().ToString(span))}` -> `{OneLine(replacement)}`";
    }

    private static string OneLine(string code) => string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
