namespace LlmScheduling.Simulation;

/// <summary>
/// How well latency models predict measured profiles, run by run; errors are fractions. The end-to-end time of a run is its
/// prefill and (output - 1) times its token time.
/// </summary>
/// <param name="R2">Share of the variance of end-to-end times that is explained.</param>
/// <param name="PrefillMape">Mean absolute error of the prefill time.</param>
/// <param name="TokenTimeMape">Mean absolute error of the time per output token; NaN when no run has two.</param>
/// <param name="EndToEndMape">Mean absolute error of the end-to-end time.</param>
/// <param name="PrefillP90">The absolute prefill error that 90 % of the runs stay below.</param>
/// <param name="TokenTimeP90">The same of the time per output token.</param>
/// <param name="EndToEndP90">The same of the end-to-end time.</param>
/// <param name="Rows">Runs that were compared.</param>
/// <param name="RowsRefused">Runs that were left out, as faulty or because no model was fitted for their engine.</param>
public sealed record ProfileAccuracy(
    double R2, double PrefillMape, double TokenTimeMape, double EndToEndMape,
    double PrefillP90, double TokenTimeP90, double EndToEndP90, int Rows, int RowsRefused)
{
    /// <summary>Compares each run of <paramref name="profile"/> with the model of its engine.</summary>
    /// <param name="profile">The truth.</param>
    /// <param name="models">The models by <see cref="LatencyProfile.Hardware"/>.</param>
    public static ProfileAccuracy Of(LatencyProfile profile, IReadOnlyDictionary<string, ILatencyModel> models)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(models);
        List<double> prefill = [], token = [], total = [], truth = [];
        double residual = 0;
        foreach (ProfileRow row in profile.Rows)
        {
            if (!models.TryGetValue(row.Hardware, out ILatencyModel? model))
                continue;
            double prefillSeconds = model.PredictStep(row.Prefill).TotalSeconds;
            double tokenSeconds = row.HasTokenTime ? model.PredictStep(row.Decode).TotalSeconds : 0;
            double seconds = prefillSeconds + (row.OutputTokens - 1) * tokenSeconds;
            prefill.Add(Math.Abs(prefillSeconds / row.PrefillSeconds - 1));
            if (row.HasTokenTime)
                token.Add(Math.Abs(tokenSeconds / row.TokenSeconds - 1));
            total.Add(Math.Abs(seconds / row.EndToEndSeconds - 1));
            truth.Add(row.EndToEndSeconds);
            residual += (seconds - row.EndToEndSeconds) * (seconds - row.EndToEndSeconds);
        }

        double mean = Mean(truth);
        return new ProfileAccuracy(
            1 - residual / truth.Sum(seconds => (seconds - mean) * (seconds - mean)),
            Mean(prefill), Mean(token), Mean(total),
            Quantile.Of([.. prefill], 0.9), Quantile.Of([.. token], 0.9), Quantile.Of([.. total], 0.9),
            truth.Count, profile.RowsRefused + profile.RowCount - truth.Count);
    }

    /// <summary>The figures under the names they have in files.</summary>
    public IReadOnlyDictionary<string, double> ToFigures() => new Dictionary<string, double>
    {
        ["r2"] = R2,
        ["prefill_mape"] = PrefillMape,
        ["token_time_mape"] = TokenTimeMape,
        ["e2e_mape"] = EndToEndMape,
        ["p90_ape"] = EndToEndP90,
        ["prefill_p90_ape"] = PrefillP90,
        ["token_time_p90_ape"] = TokenTimeP90,
        ["rows"] = Rows,
        ["rows_refused"] = RowsRefused,
    };

    private static double Mean(List<double> values) => values.Count == 0 ? double.NaN : values.Average();
}
