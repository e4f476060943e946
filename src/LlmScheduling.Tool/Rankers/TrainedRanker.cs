using System.Globalization;
using System.Text.Json;

namespace LlmScheduling.Tool;

/// <summary>A ranker that was just trained, and what is to be said of it.</summary>
/// <param name="Ranker">The ranker.</param>
/// <param name="File">Its file.</param>
/// <param name="WallTime">How long training took, without reading and evaluation.</param>
/// <param name="Dev">How it does on data that were only reported on; null without.</param>
internal sealed record TrainedRanker(PromptFeatureRanker Ranker, byte[] File, TimeSpan WallTime, RankerEvaluation? Dev)
{
    /// <summary>Trains, and evaluates on <paramref name="dev"/>.</summary>
    public static TrainedRanker Train(PromptRankerTrainerOptions options, IReadOnlyList<LoggedResponse> rows, IReadOnlyList<LoggedResponse>? dev, TimeProvider time, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        PromptFeatureRanker ranker = new PromptRankerTrainer(options).Train(rows, cancellationToken);
        TimeSpan wallTime = time.GetElapsedTime(began);
        using var file = new MemoryStream();
        ranker.Write(file);
        return new TrainedRanker(ranker, file.ToArray(), wallTime, dev is null ? null : RankerEvaluation.Of(ranker, dev, time, cancellationToken));
    }

    /// <summary>Writes one object.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        PromptRankerCard card = Ranker.Card;
        json.WriteStartObject();
        json.WriteString("ranker", NameOf(card.Kind));
        json.WriteString("loss", card.Loss.ToString().ToLowerInvariant());
        json.WriteNumber("rows", card.Rows);
        json.WriteNumber("truncated_rows", card.TruncatedRows);
        json.WriteStartObject("validation");
        Write("kendall_tau_b", card.TauB);
        Write("standard_error", card.StandardError);
        Write("baseline_prompt_length_tau_b", card.PromptLengthTauB);
        json.WriteEndObject();
        if (Dev is not null)
        {
            json.WriteStartObject("dev");
            Dev.WriteFields(json);
            json.WriteEndObject();
        }

        json.WriteNumber("wall_s", WallTime.TotalSeconds);
        json.WriteNumber("file_bytes", File.Length);
        json.WriteEndObject();

        void Write(string name, double value)
        {
            json.WritePropertyName(name);
            JsonText.WriteNumber(json, value);
        }
    }

    /// <summary>Writes a table for people, and says when the ranker is worth nothing.</summary>
    public void WriteTable(ToolHost host)
    {
        PromptRankerCard card = Ranker.Card;
        ColumnTable.Write(host, ["figure", "value"],
        [
            ["ranker", NameOf(card.Kind)],
            ["different prompts", card.Rows.ToString(CultureInfo.InvariantCulture)],
            ["of them cut off at a limit", card.TruncatedRows.ToString(CultureInfo.InvariantCulture)],
            ["validation: Kendall's tau-b", $"{Text(card.TauB)} ± {Text(card.StandardError)}"],
            ["validation: tau-b of the prompt's length", Text(card.PromptLengthTauB)],
            ["training time, s", WallTime.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture)],
            ["file, bytes", File.Length.ToString("#,0", CultureInfo.InvariantCulture)],
            .. (Dev?.Rows() ?? []).Select(row => (string[])[$"dev: {row[0]}", row[1]]),
        ]);
        if (!(card.TauB > 2 * card.StandardError))
            host.Error.WriteLine("llmsched: warning: on held-out prompts this ranker orders no better than chance; serve first come, first served.");
    }

    private static string NameOf(RankerKind kind) => kind switch
    {
        RankerKind.Learned => "learned",
        RankerKind.LearnedShape => "learned-shape",
        RankerKind.PromptLength => "prompt-length",
        _ => "reversed-prompt-length",
    };

    private static string Text(double value) => double.IsFinite(value) ? value.ToString("F4", CultureInfo.InvariantCulture) : "not defined";
}
