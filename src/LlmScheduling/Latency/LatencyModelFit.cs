namespace LlmScheduling;

/// <summary>
/// Fits latency models to measured steps: least squares with relative errors and coefficients of at least zero. A form's knees
/// or expert share are searched on a grid; which form to use is decided by cross-validation over groups.
/// </summary>
/// <remarks>Deterministic; any thread. Work grows with samples x grid points: hundreds of samples take milliseconds.</remarks>
public static class LatencyModelFit
{
    private const int MaxFolds = 24;

    // Prefill attention costs a token and a token of its context about this share of what a token costs: 4 L d against 2 N
    // operations for L layers, width d and N parameters is 2e-5 to 6e-5, and its kernels reach less of the peak. Two prompt
    // lengths that are close tell little of it, so a fit leaves this scale only for a gain.
    private const double AttentionShare = 1e-4;

    // A fit may be this much worse in one sample to stay at the usual attention or an octave nearer to the usual knees.
    private const double Uncertainty = 0.05;

    /// <summary>Fits one form.</summary>
    /// <exception cref="ArgumentException">There is no sample, or one has no duration.</exception>
    public static IFittedLatencyModel Fit(IReadOnlyList<LatencySample> samples, LatencyForm form)
    {
        Check(samples);
        return Fit(samples, form, TermSearch.For(form, samples));
    }

    /// <summary>Fits the form of least cross-validated error.</summary>
    /// <exception cref="ArgumentException">There is no sample, or one has no duration.</exception>
    public static IFittedLatencyModel FitBest(IReadOnlyList<LatencySample> samples)
    {
        Check(samples);
        LatencyForm best = Enum.GetValues<LatencyForm>().MinBy(form => CrossValidatedError(samples, form));
        return Fit(samples, best);
    }

    /// <summary>Mean relative error, as a fraction, on groups that were held out whole, every group counting once; fitted 24 times, or once per group when there are fewer.</summary>
    /// <exception cref="ArgumentException">There is no sample, or one has no duration.</exception>
    public static double CrossValidatedError(IReadOnlyList<LatencySample> samples, LatencyForm form)
    {
        Check(samples);
        int[] groups = [.. samples.Select(sample => sample.Group).Distinct().Order()];
        int folds = Math.Min(MaxFolds, groups.Length);
        if (folds < 2)
            return MeanRelativeError(samples, Fit(samples, form));
        Dictionary<int, int> foldOf = groups.Select((group, i) => (group, fold: i % folds)).ToDictionary(pair => pair.group, pair => pair.fold);
        double sum = 0;
        for (int fold = 0; fold < folds; fold++)
        {
            IFittedLatencyModel model = Fit([.. samples.Where(sample => foldOf[sample.Group] != fold)], form);
            foreach (IGrouping<int, LatencySample> held in samples.Where(sample => foldOf[sample.Group] == fold).GroupBy(sample => sample.Group))
                sum += MeanRelativeError([.. held], model);
        }

        return sum / groups.Length;
    }

    /// <summary>Mean relative error of a model's predictions, as a fraction.</summary>
    /// <exception cref="ArgumentException">There is no sample, or one has no duration.</exception>
    public static double MeanRelativeError(IReadOnlyList<LatencySample> samples, ILatencyModel model)
    {
        Check(samples);
        ArgumentNullException.ThrowIfNull(model);
        double sum = 0;
        foreach (LatencySample sample in samples)
            sum += Math.Abs(model.PredictStep(sample.Shape) / sample.Duration - 1);
        return sum / samples.Count;
    }

    private static void Check(IReadOnlyList<LatencySample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0)
            throw new ArgumentException("There is no sample to fit.", nameof(samples));
        for (int i = 0; i < samples.Count; i++)
        {
            if (samples[i].Duration <= TimeSpan.Zero)
                throw new ArgumentException($"Sample {i} lasts {samples[i].Duration}; a duration must be above zero.", nameof(samples));
        }
    }

    private static IFittedLatencyModel Fit(IReadOnlyList<LatencySample> samples, LatencyForm form, IEnumerable<LatencyTerms> candidates)
    {
        ObservedShapes observed = ObservedShapes.None;
        foreach (LatencySample sample in samples)
            observed = observed.With(sample.Shape);
        Span<double> best = stackalloc double[LatencyTerms.MaxCount], coefficients = stackalloc double[LatencyTerms.MaxCount];
        double attention = AttentionScale(samples);
        LatencyTerms? chosen = null;
        double least = double.PositiveInfinity;
        foreach (LatencyTerms terms in candidates)
        {
            double loss = Solve(samples, terms, attention, coefficients) + Uncertainty * Uncertainty * terms.Implausibility;
            if (loss >= least)
                continue;
            (least, chosen) = (loss, terms);
            coefficients.CopyTo(best);
        }

        return chosen?.Model(best, observed) ?? throw new InvalidOperationException($"No fit of form {form} was finite.");
    }

    /// <summary>The usual order of the attention coefficient: a share of the median time per token of steps that only prefill; 0 without any.</summary>
    private static double AttentionScale(IReadOnlyList<LatencySample> samples)
    {
        double[] perToken = [.. samples
            .Where(sample => sample.Shape is { DecodeSequences: 0, PrefillTokens: > 0 })
            .Select(sample => sample.Duration.TotalSeconds / sample.Shape.PrefillTokens)
            .Order()];
        return perToken.Length == 0 ? 0 : AttentionShare * perToken[perToken.Length / 2];
    }

    /// <summary>Fits the coefficients; returns the sum of squared relative errors, that of the attention coefficient included.</summary>
    private static double Solve(IReadOnlyList<LatencySample> samples, LatencyTerms terms, double attentionScale, Span<double> coefficients)
    {
        var equations = new NormalEquations(terms.Count);
        Span<double> values = stackalloc double[LatencyTerms.MaxCount];
        foreach (LatencySample sample in samples)
        {
            terms.Write(sample.Shape, values);
            equations.AddRelative(values, sample.Duration.TotalSeconds);
        }

        double attentionWeight = 0;
        if (terms.AttentionIndex is { } index && attentionScale > 0)
        {
            attentionWeight = Uncertainty * Uncertainty / (attentionScale * attentionScale);
            equations.AddPrior(index, 0, attentionWeight);
        }

        equations.Solve(coefficients);
        double loss = terms.AttentionIndex is { } attention ? attentionWeight * coefficients[attention] * coefficients[attention] : 0;
        foreach (LatencySample sample in samples)
        {
            terms.Write(sample.Shape, values);
            double predicted = 0;
            for (int i = 0; i < terms.Count; i++)
                predicted += coefficients[i] * values[i];
            double error = predicted / sample.Duration.TotalSeconds - 1;
            loss += error * error;
        }

        return loss;
    }
}
