using System.Runtime.Intrinsics;

namespace LlmScheduling;

/// <summary>
/// Nine equally likely lengths around a median, as factors of it: the median, four above it and their mirror images below it.
/// Keeps the factors of the newest spread, since exponentials are much of what a key costs and a class has one spread.
/// </summary>
internal struct LikelyLengths
{
    public const int Count = 9;
    public const double Longest = 1.59321882;

    // Standard normal quantiles at 11/18, 13/18, 15/18 and 17/18.
    private static readonly Vector256<double> Quantiles = Vector256.Create(0.28221614, 0.58945580, 0.96742157, Longest);

    private Vector256<double> _above;
    private float _spread;

    /// <summary>The four factors above the median for a spread above 0, ascending; those below it are one over them.</summary>
    public Vector256<double> Above(float spread)
    {
        if (spread != _spread)
            (_spread, _above) = (spread, Vector256.Exp(Quantiles * spread));
        return _above;
    }
}
