namespace LlmScheduling.Simulation;

/// <summary>
/// What a ranker of a given quality would know: the true output length times e^(s z), z normal, with s fitted for each class so
/// that Kendall's tau-b between the true and the known lengths of the class is the one asked for.
/// </summary>
/// <remarks>
/// A known length is a whole number of tokens, 1 or more; the spread that policies are given is s. The same z serve every s, so that
/// tau falls with s and bisection finds it; in a class of few requests tau moves in steps, and the nearest step is taken. A class in
/// which nothing can be told apart (one request, or equal lengths) takes the s that fits all requests together.
/// </remarks>
internal sealed class LengthNoise
{
    private const int Bisections = 48;
    private const double WidestSpread = 32;

    private readonly LengthEstimate[] _estimates;

    private LengthNoise(LengthEstimate[] estimates, IReadOnlyDictionary<string, double> tauByClass) => (_estimates, TauByClass) = (estimates, tauByClass);

    /// <summary>The tau-b that came out for each class; NaN where it is not defined.</summary>
    public IReadOnlyDictionary<string, double> TauByClass { get; }

    /// <summary>What is known of each request, in the workload's order; the median is also the rank score.</summary>
    public ReadOnlySpan<LengthEstimate> Estimates => _estimates;

    /// <param name="workload">Whose lengths.</param>
    /// <param name="tau">Above 0 and at most 1.</param>
    /// <param name="seed">Equal seeds give equal noise.</param>
    public static LengthNoise Fit(Workload workload, double tau, ulong seed)
    {
        var random = new SeededRandom(seed ^ 0x6C656E677468);
        double[] lengths = [.. workload.Requests.Select(request => (double)request.OutputTokens)];
        double[] normals = [.. lengths.Select(_ => random.NextNormal())];
        var estimates = new LengthEstimate[lengths.Length];
        var tauByClass = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var overall = new Lazy<double>(() => SpreadFor(lengths, normals, tau) ?? 0);
        foreach (IGrouping<string, int> rows in Enumerable.Range(0, lengths.Length).GroupBy(row => workload.Requests[row].TrafficClass))
        {
            double[] lengthsOfClass = [.. rows.Select(row => lengths[row])], normalsOfClass = [.. rows.Select(row => normals[row])];
            double spread = SpreadFor(lengthsOfClass, normalsOfClass, tau) ?? overall.Value;
            double[] known = Known(lengthsOfClass, normalsOfClass, spread);
            tauByClass[rows.Key] = KendallTau.TauB(lengthsOfClass, known);
            int next = 0;
            foreach (int row in rows)
                estimates[row] = new LengthEstimate((float)known[next++], (float)spread);
        }

        return new(estimates, tauByClass);
    }

    /// <summary>The spread whose tau is nearest; null where no spread changes tau.</summary>
    private static double? SpreadFor(double[] lengths, double[] normals, double tau)
    {
        if (lengths.Distinct().Take(2).Count() < 2)
            return null;
        double low = 0, high = WidestSpread, best = 0, bestError = 1 - tau;
        for (int i = 0; i < Bisections && bestError > 0; i++)
        {
            double middle = (low + high) / 2, found = KendallTau.TauB(lengths, Known(lengths, normals, middle));
            double error = Math.Abs(found - tau);
            if (error < bestError)
                (best, bestError) = (middle, error);
            if (found > tau)
                low = middle;
            else
                high = middle;
        }

        return best;
    }

    private static double[] Known(double[] lengths, double[] normals, double spread)
    {
        var known = new double[lengths.Length];
        for (int i = 0; i < known.Length; i++)
            known[i] = Math.Clamp(Math.Round(lengths[i] * PortableMath.Exp(spread * normals[i])), 1, TraceFile.MaxTokens);
        return known;
    }
}
