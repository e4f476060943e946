namespace LlmScheduling;

/// <summary>
/// Corrects the median and the 90 % quantile of somebody's predictions by what became of them: after every length each moves up by a step
/// times its level when the length was above it, and down by a step times the rest when not.
/// </summary>
/// <remarks>
/// The quantile tracker of Angelopoulos, Candès and Tibshirani, "Conformal PID Control for Time Series Prediction" (arXiv 2307.16895), on
/// the scores of conformalised quantile regression (Romano, Patterson, Candès, arXiv 1905.03222), in natural logarithms. Whatever
/// the lengths do, over n of them the share above the upper quantile is 10 % up to (how far the correction moved) / (n * step). Not thread-safe.
/// </remarks>
internal sealed class QuantileTrack(double step)
{
    private const double LossMemory = 100, Level = 0.9;

    private double _median, _upper;

    /// <summary>Mean pinball loss of the median and the upper quantile over about the newest 100 lengths; infinite before the first.</summary>
    public double Loss { get; private set; } = double.PositiveInfinity;

    /// <summary>What is predicted instead of <paramref name="estimate"/>, which is known.</summary>
    public LengthEstimate Correct(LengthEstimate estimate)
    {
        (double median, double upper) = Logs(estimate);
        return new LengthEstimate((float)PortableMath.Exp(median), (float)((upper - median) / LengthCalibration.UpperZ));
    }

    /// <summary>A request of which <paramref name="estimate"/> was known ended with so many tokens.</summary>
    /// <param name="estimate">Known.</param>
    /// <param name="tokens">1 or more.</param>
    /// <param name="limit">The most there could have been: quantiles at or above it were not put to the test.</param>
    public void Observe(LengthEstimate estimate, int tokens, int limit)
    {
        (double median, double upper) = Logs(estimate);
        double length = PortableMath.Log(tokens), most = PortableMath.Log(limit);
        double loss = Pinball(length - median, 0.5) + Pinball(length - upper, Level);
        Loss = double.IsPositiveInfinity(Loss) ? loss : Loss + (loss - Loss) / LossMemory;
        if (median < most)
            _median += step * ((length > median ? 1 : 0) - 0.5);
        if (upper < most)
            _upper += step * ((length > upper ? 1 : 0) - (1 - Level));
    }

    private (double Median, double Upper) Logs(LengthEstimate estimate)
    {
        double median = PortableMath.Log(estimate.Median), upper = median + LengthCalibration.UpperZ * estimate.LogSpread + _upper;
        median += _median;
        return (median, Math.Max(median, upper));
    }

    private static double Pinball(double excess, double level) => excess > 0 ? level * excess : (level - 1) * excess;
}
