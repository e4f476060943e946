using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace LlmScheduling.Mutation;

/// <summary>
/// The changes that are tried at each place: the usual ones of mutation tests. Left out are texts and what makes them, attributes, constants
/// and default arguments (compiled into the tests), and the sizes of new arrays.
/// </summary>
internal static class Mutations
{
    private static readonly Dictionary<SyntaxKind, (string Rule, string[] Tokens)> Operators = new()
    {
        [SyntaxKind.LessThanToken] = ("comparison", ["<=", ">="]),
        [SyntaxKind.LessThanEqualsToken] = ("comparison", ["<", ">"]),
        [SyntaxKind.GreaterThanToken] = ("comparison", [">=", "<="]),
        [SyntaxKind.GreaterThanEqualsToken] = ("comparison", [">", "<"]),
        [SyntaxKind.EqualsEqualsToken] = ("comparison", ["!="]),
        [SyntaxKind.ExclamationEqualsToken] = ("comparison", ["=="]),
        [SyntaxKind.PlusToken] = ("arithmetic", ["-"]),
        [SyntaxKind.MinusToken] = ("arithmetic", ["+"]),
        [SyntaxKind.AsteriskToken] = ("arithmetic", ["/"]),
        [SyntaxKind.SlashToken] = ("arithmetic", ["*"]),
        [SyntaxKind.PercentToken] = ("arithmetic", ["*"]),
        [SyntaxKind.LessThanLessThanToken] = ("arithmetic", [">>"]),
        [SyntaxKind.GreaterThanGreaterThanToken] = ("arithmetic", ["<<"]),
        [SyntaxKind.CaretToken] = ("arithmetic", ["&"]),
        [SyntaxKind.AmpersandAmpersandToken] = ("logic", ["||"]),
        [SyntaxKind.BarBarToken] = ("logic", ["&&"]),
        [SyntaxKind.AndKeyword] = ("logic", ["or"]),
        [SyntaxKind.OrKeyword] = ("logic", ["and"]),
        [SyntaxKind.PlusEqualsToken] = ("arithmetic", ["-="]),
        [SyntaxKind.MinusEqualsToken] = ("arithmetic", ["+="]),
        [SyntaxKind.AsteriskEqualsToken] = ("arithmetic", ["/="]),
        [SyntaxKind.SlashEqualsToken] = ("arithmetic", ["*="]),
        [SyntaxKind.BarEqualsToken] = ("logic", ["&="]),
        [SyntaxKind.AmpersandEqualsToken] = ("logic", ["|="]),
        [SyntaxKind.PlusPlusToken] = ("arithmetic", ["--"]),
        [SyntaxKind.MinusMinusToken] = ("arithmetic", ["++"]),
    };

    private static readonly Dictionary<string, string> Methods = new()
    {
        ["Min"] = "Max", ["Max"] = "Min", ["Floor"] = "Ceiling", ["Ceiling"] = "Floor", ["ThrowIfLessThan"] = "ThrowIfGreaterThan",
    };

    public static IEnumerable<Mutant> Of(string file, SyntaxTree tree)
    {
        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes(Descends))
        {
            foreach ((TextSpan span, string replacement, string rule) in At(node))
                yield return new Mutant(file, tree, span, replacement, rule);
        }
    }

    private static bool Descends(SyntaxNode node) => node
        is not (AttributeListSyntax or InterpolatedStringExpressionSyntax or ParameterSyntax or ArrayRankSpecifierSyntax or DocumentationCommentTriviaSyntax)
        && !(node is FieldDeclarationSyntax field && field.Modifiers.Any(SyntaxKind.ConstKeyword));

    private static IEnumerable<(TextSpan Span, string Replacement, string Rule)> At(SyntaxNode node) => node switch
    {
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } it => [(it.Span, $"({it.Right})", "choice"), (it.Span, $"({it.Left})", "choice")],
        BinaryExpressionSyntax it => Swap(it.OperatorToken),
        BinaryPatternSyntax it => Swap(it.OperatorToken),
        RelationalPatternSyntax it => Swap(it.OperatorToken),
        AssignmentExpressionSyntax it => Swap(it.OperatorToken),
        PostfixUnaryExpressionSyntax it => Swap(it.OperatorToken),
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } it => [(it.OperatorToken.Span, "", "negation")],
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.UnaryMinusExpression } it => [(it.OperatorToken.Span, "", "negation")],
        PrefixUnaryExpressionSyntax it => Swap(it.OperatorToken),
        LiteralExpressionSyntax it => Literal(it),
        ConditionalExpressionSyntax it => [(it.Condition.Span, $"(({it.Condition}) || true)", "choice"), (it.Condition.Span, $"(({it.Condition}) && false)", "choice")],
        SwitchExpressionArmSyntax { WhenClause: null, Pattern: not DiscardPatternSyntax } it => [(it.Pattern.Span, $"{it.Pattern} when false", "choice")],
        IfStatementSyntax it when IsOpaque(it.Condition) => [(it.Condition.Span, $"!({it.Condition})", "negation")],
        WhileStatementSyntax it => [(it.Condition.Span, $"({it.Condition}) && false", "choice")],
        ExpressionStatementSyntax it => [(it.Span, ";", "statement removed")],
        ContinueStatementSyntax or BreakStatementSyntax { Parent: not SwitchSectionSyntax } => [(node.Span, ";", "statement removed")],
        ReturnStatementSyntax { Expression: { } value } when IsWorthDropping(value) => [(value.Span, "default!", "default returned")],
        ArrowExpressionClauseSyntax it => Arrow(it),
        IdentifierNameSyntax it when it.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax } access && access.Name == it
            && Methods.TryGetValue(it.Identifier.Text, out string? other) => [(it.Span, other, "method")],
        _ => [],
    };

    private static IEnumerable<(TextSpan Span, string Replacement, string Rule)> Swap(SyntaxToken token) =>
        Operators.TryGetValue(token.Kind(), out (string Rule, string[] Tokens) change) ? change.Tokens.Select(text => (token.Span, text, change.Rule)) : [];

    private static IEnumerable<(TextSpan Span, string Replacement, string Rule)> Literal(LiteralExpressionSyntax literal) => literal.Token.Value switch
    {
        true => [(literal.Span, "false", "constant")],
        false => [(literal.Span, "true", "constant")],
        int number => [(literal.Span, (number + 1).ToString(CultureInfo.InvariantCulture), "constant")],
        double number => [(literal.Span, (number + 1).ToString("0.0###", CultureInfo.InvariantCulture), "constant")],
        _ => [],
    };

    private static IEnumerable<(TextSpan Span, string Replacement, string Rule)> Arrow(ArrowExpressionClauseSyntax arrow)
    {
        if (arrow.Parent is MethodDeclarationSyntax { ReturnType: PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword } } method)
            return [(TextSpan.FromBounds(arrow.SpanStart, method.SemicolonToken.Span.End), "{ }", "statement removed")];
        return IsWorthDropping(arrow.Expression) ? [(arrow.Expression.Span, "default!", "default returned")] : [];
    }

    private static bool IsWorthDropping(ExpressionSyntax value) => value is not (LiteralExpressionSyntax or DefaultExpressionSyntax or ThrowExpressionSyntax or RefExpressionSyntax);

    /// <summary>Comparisons, logic and negations inside a condition are changed themselves.</summary>
    private static bool IsOpaque(ExpressionSyntax condition) => condition is InvocationExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax or IsPatternExpressionSyntax;
}
