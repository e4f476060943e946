using System.CommandLine;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Fits each engine of a profile.</summary>
internal static class ProfileReport
{
    /// <summary>Reads, fits and evaluates what <paramref name="parsed"/> names.</summary>
    /// <exception cref="InputException">A file cannot be read, or the filters leave nothing of it.</exception>
    public static FitReport From(ParseResult parsed, FitLatencyOptions options, ToolHost host)
    {
        LatencyForm? form = FormOf(parsed.GetValue(options.Form) ?? "auto");
        LatencyProfile profile = Read(parsed.GetValue(options.Profile)!, parsed, options, host).WithoutContradictions();
        LatencyProfile? evaluation = parsed.GetValue(options.Evaluate) is { } path ? Read(path, parsed, options, host).WithoutContradictions(profile) : null;

        Dictionary<string, IFittedLatencyModel> fitted = profile.Hardware.ToDictionary(name => name, name => Fit(profile.Of(name), form));
        Dictionary<string, ILatencyModel> models = fitted.ToDictionary(pair => pair.Key, pair => (ILatencyModel)pair.Value);
        FittedEngine[] engines = [.. fitted.Select(pair => new FittedEngine(pair.Key, new LatencyModelFile(pair.Value)
        {
            Fit = ProfileAccuracy.Of(profile.Of(pair.Key), models).ToFigures(),
            Evaluation = evaluation?.Of(pair.Key) is { RowCount: > 0 } held ? ProfileAccuracy.Of(held, models).ToFigures() : new Dictionary<string, double>(),
        }))];
        return new FitReport
        {
            Engines = engines,
            Fit = ProfileAccuracy.Of(profile, models).ToFigures(),
            Held = evaluation is null ? null : ProfileAccuracy.Of(evaluation, models).ToFigures(),
            Warnings = [.. Warnings(profile, evaluation, fitted.Count)],
        };
    }

    private static IFittedLatencyModel Fit(LatencyProfile engine, LatencyForm? form) =>
        form is { } given ? LatencyModelFit.Fit(engine.Samples, given) : LatencyModelFit.FitBest(engine.Samples);

    private static LatencyForm? FormOf(string name) => name switch
    {
        "auto" => null,
        "linear" => LatencyForm.Linear,
        "hinge" => LatencyForm.Hinge,
        "moe" => LatencyForm.Experts,
        _ => throw new InputException("--form", null, null, name, "linear, hinge, moe or auto"),
    };

    private static LatencyProfile Read(string path, ParseResult parsed, FitLatencyOptions options, ToolHost host)
    {
        string located = host.Locate(path);
        LatencyProfile all = LatencyProfile.Read(located, host.OpenInput);
        LatencyProfile wanted = all.Of(parsed.GetValue(options.Gpu), parsed.GetValue(options.Model), (int?)parsed.GetValue(options.TensorParallel));
        return wanted.RowCount > 0
            ? wanted
            : throw new InputException(located, null, null, "no row of the given gpu, model and tp", $"one of {string.Join(", ", all.Hardware)}");
    }

    private static IEnumerable<string> Warnings(LatencyProfile profile, LatencyProfile? evaluation, int models)
    {
        if (profile.RowsRefused > 0)
            yield return $"{profile.RowsRefused} rows contradict others and were not fitted.";
        if (evaluation is { RowsRefused: > 0 })
            yield return $"{evaluation.RowsRefused} rows to evaluate contradict others and were left out.";
        if (evaluation?.Hardware.Except(profile.Hardware).ToArray() is { Length: > 0 } strangers)
            yield return $"nothing was fitted for {string.Join(", ", strangers)}; their rows were left out.";
        if (models > 1)
            yield return $"{models} engines were fitted one by one; an engine file takes a model of one: use --gpu, --model and --tp.";
    }
}
