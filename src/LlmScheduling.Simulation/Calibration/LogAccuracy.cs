namespace LlmScheduling.Simulation;

/// <summary>How well a simulated run agrees with the log it repeats. Errors are fractions, simulated against logged; signed ones are positive where the simulation is slower.</summary>
/// <param name="EndToEndMeanError">Error of the mean end-to-end time.</param>
/// <param name="EndToEndP90Error">Error of the end-to-end time that 90 % of the requests stay below.</param>
/// <param name="EndToEndMape">Mean absolute error of a request's end-to-end time.</param>
/// <param name="TpotMeanError">Error of the mean time per output token after the first; NaN when no request has two.</param>
/// <param name="TtftMeanError">Error of the mean time to the first token.</param>
/// <param name="CompletionTauB">Kendall's tau-b between simulated and logged completion times.</param>
/// <param name="MakespanError">Error of the time from the log's first arrival to the last completion.</param>
/// <param name="Requests">Requests that were compared.</param>
public sealed record LogAccuracy(
    double EndToEndMeanError, double EndToEndP90Error, double EndToEndMape, double TpotMeanError, double TtftMeanError,
    double CompletionTauB, double MakespanError, int Requests)
{
    /// <summary>The figures under the names they have in files.</summary>
    public IReadOnlyDictionary<string, double> ToFigures() => new Dictionary<string, double>
    {
        ["e2e_mean_error"] = EndToEndMeanError,
        ["e2e_p90_error"] = EndToEndP90Error,
        ["e2e_mape"] = EndToEndMape,
        ["tpot_mean_error"] = TpotMeanError,
        ["ttft_mean_error"] = TtftMeanError,
        ["completion_tau_b"] = CompletionTauB,
        ["makespan_error"] = MakespanError,
        ["requests"] = Requests,
    };

    /// <summary>Compares request by request.</summary>
    internal static LogAccuracy Of(IReadOnlyList<LoggedRequest> logged, IReadOnlyList<LoggedRequest> simulated)
    {
        double[] realEnds = [.. logged.Select(request => request.EndedAt)], ends = [.. simulated.Select(request => request.EndedAt)];
        return new LogAccuracy(
            Error(simulated, logged, request => request.EndToEnd, Mean),
            Error(simulated, logged, request => request.EndToEnd, values => Quantile.Of([.. values], 0.9)),
            simulated.Zip(logged, (ours, theirs) => Math.Abs(ours.EndToEnd / theirs.EndToEnd - 1)).DefaultIfEmpty(double.NaN).Average(),
            Error([.. simulated.Where(HasDecode)], [.. logged.Where(HasDecode)], request => request.DecodeTime / (request.OutputTokens - 1), Mean),
            Error(simulated, logged, request => request.TimeToFirstToken, Mean),
            KendallTau.TauB(ends, realEnds),
            ends.DefaultIfEmpty(double.NaN).Max() / realEnds.DefaultIfEmpty(double.NaN).Max() - 1,
            logged.Count);
    }

    private static bool HasDecode(LoggedRequest request) => request.OutputTokens > 1;

    private static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();

    private static double Error(IReadOnlyList<LoggedRequest> simulated, IReadOnlyList<LoggedRequest> logged, Func<LoggedRequest, double> figure, Func<IEnumerable<double>, double> statistic) =>
        statistic(simulated.Select(figure)) / statistic(logged.Select(figure)) - 1;
}
