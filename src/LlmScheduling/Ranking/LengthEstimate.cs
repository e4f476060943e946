namespace LlmScheduling;

/// <summary>Predicted output length in tokens: log-normal around its median.</summary>
/// <param name="Median">Median in tokens; 0 when nothing is known.</param>
/// <param name="LogSpread">Standard deviation of the natural logarithm; 0 when the length is certain.</param>
public readonly record struct LengthEstimate(float Median, float LogSpread)
{
    /// <summary>Whether anything is known.</summary>
    public bool IsKnown => Median > 0;

    /// <summary>The mean of the log-normal length.</summary>
    internal double Mean => Median * Math.Exp((double)LogSpread * LogSpread / 2);

    /// <summary>The quantile at <paramref name="z"/> in standard normal units: -1.28 is 10 %, 0 the median, 1.28 is 90 %.</summary>
    public double Quantile(double z) => Median * Math.Exp(z * LogSpread);
}
