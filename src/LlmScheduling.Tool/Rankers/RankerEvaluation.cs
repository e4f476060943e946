using System.Globalization;
using System.Text.Json;

namespace LlmScheduling.Tool;

/// <summary>How a ranker does on answers it has not seen.</summary>
/// <param name="Accuracy">How well it orders them.</param>
/// <param name="PromptLengthTauB">Tau-b of the prompt's length in characters.</param>
/// <param name="MedianMicroseconds">Time to score a prompt: the median.</param>
/// <param name="P99Microseconds">Time to score a prompt: the 99 % quantile.</param>
/// <param name="Coverage90">Share of lengths at or below the predicted 90 % quantile; null where none is predicted.</param>
internal sealed record RankerEvaluation(RankingAccuracy Accuracy, double PromptLengthTauB, double MedianMicroseconds, double P99Microseconds, double? Coverage90)
{
    private const double UpperZ = 1.2815515655446004;

    // Long enough for the runtime to have compiled what runs often with all its optimisations.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.25);

    /// <summary>Scores every whole answer of <paramref name="rows"/>; those that were cut off have no known place in the order.</summary>
    public static RankerEvaluation Of(PromptFeatureRanker ranker, IReadOnlyList<LoggedResponse> rows, TimeProvider time, CancellationToken cancellationToken)
    {
        LoggedResponse[] whole = [.. rows.Where(row => !row.IsTruncated)];
        double[] lengths = [.. whole.Select(row => (double)row.ResponseTokens)], scores = new double[whole.Length], microseconds = new double[whole.Length];
        int warm = 0;
        for (long began = time.GetTimestamp(); whole.Length > 0 && time.GetElapsedTime(began) < WarmUp; warm++)
            ranker.Score(whole[warm % whole.Length].Prompt.Span);
        int covered = 0;
        for (int i = 0; i < whole.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = time.GetTimestamp();
            float score = ranker.Score(whole[i].Prompt.Span);
            microseconds[i] = time.GetElapsedTime(start).TotalMicroseconds;
            scores[i] = score;
            covered += lengths[i] <= ranker.PredictLength(score).Quantile(UpperZ) ? 1 : 0;
        }

        Array.Sort(microseconds);
        return new RankerEvaluation(
            RankingAccuracy.Of(lengths, scores),
            KendallTau.TauB(lengths, [.. whole.Select(row => (double)row.Prompt.Length)]),
            Quantile(microseconds, 0.5),
            Quantile(microseconds, 0.99),
            ranker.PredictsLengths && whole.Length > 0 ? (double)covered / whole.Length : null);
    }

    /// <summary>Writes the fields of an object that is open.</summary>
    public void WriteFields(Utf8JsonWriter json)
    {
        Write("kendall_tau_b", Accuracy.TauB);
        Write("standard_error", Accuracy.StandardError);
        Write("pair_accuracy", Accuracy.PairAccuracy);
        Write("pair_accuracy_gap20", Accuracy.PairAccuracyGap20);
        json.WriteNumber("n", Accuracy.Count);
        Write("baseline_prompt_length_tau_b", PromptLengthTauB);
        Write("us_per_prompt_p50", MedianMicroseconds);
        Write("us_per_prompt_p99", P99Microseconds);
        if (Coverage90 is { } coverage)
            Write("coverage_90", coverage);

        void Write(string name, double value)
        {
            json.WritePropertyName(name);
            JsonText.WriteNumber(json, value);
        }
    }

    /// <summary>The rows of a table for people.</summary>
    public IEnumerable<string[]> Rows()
    {
        yield return ["Kendall's tau-b", $"{Text(Accuracy.TauB, "F4")} ± {Text(Accuracy.StandardError, "F4")}"];
        yield return ["tau-b of the prompt's length", Text(PromptLengthTauB, "F4")];
        yield return ["pairs in the right order", Text(Accuracy.PairAccuracy, "P1")];
        yield return ["the same, lengths 20 % apart or more", Text(Accuracy.PairAccuracyGap20, "P1")];
        yield return ["answers", Accuracy.Count.ToString(CultureInfo.InvariantCulture)];
        yield return ["us per prompt: median / p99", $"{Text(MedianMicroseconds, "F1")} / {Text(P99Microseconds, "F1")}"];
        if (Coverage90 is { } coverage)
            yield return ["lengths below their 90 % quantile", Text(coverage, "P1")];
    }

    private static string Text(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "not defined";

    private static double Quantile(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}
