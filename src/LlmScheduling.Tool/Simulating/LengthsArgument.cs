using System.Globalization;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Reads <c>--lengths</c>: what policies may know of output lengths.</summary>
internal static class LengthsArgument
{
    private const string NoisyPrefix = "noisy:", RankerPrefix = "ranker:";

    /// <summary>What <paramref name="text"/> stands for; null is <c>oracle</c>.</summary>
    /// <exception cref="InputException">It stands for nothing, or for a ranker that cannot be read.</exception>
    public static LengthKnowledge Parse(string? text, ToolHost host) => text switch
    {
        null or "oracle" => LengthKnowledge.Oracle,
        "class-mean" => LengthKnowledge.ClassMean,
        "online" => LengthKnowledge.Learning(static () => new OnlineRankerTrainer()),
        _ when text.StartsWith(NoisyPrefix, StringComparison.Ordinal)
            && double.TryParse(text[NoisyPrefix.Length..], NumberStyles.Float, CultureInfo.InvariantCulture, out double tau)
            && tau is > 0 and <= 1 => LengthKnowledge.Noisy(tau),
        _ when text.StartsWith(RankerPrefix, StringComparison.Ordinal) && text.Length > RankerPrefix.Length =>
            LengthKnowledge.FromRanker(RankerArgument.Parse("--lengths", text[RankerPrefix.Length..], host)),
        _ => throw new InputException("--lengths", null, null, $"'{text}'", "oracle, class-mean, noisy:TAU with TAU above 0 and at most 1, ranker:FILE, or online"),
    };
}
