using System.Runtime.Intrinsics;

namespace LlmScheduling;

/// <summary>Nine equally likely lengths around a median, as factors of it: the median, four above it and their mirror images below it.</summary>
internal static class LikelyLengths
{
    public const int Count = 9;
    public const double Longest = 1.59321882;

    // Standard normal quantiles at 11/18, 13/18, 15/18 and 17/18.
    private static readonly Vector256<double> Quantiles = Vector256.Create(0.28221614, 0.58945580, 0.96742157, Longest);

    /// <summary>The four factors above the median, ascending; those below it are one over them. All at once, since exponentials are most of what a key costs.</summary>
    public static Vector256<double> Above(double spread) => Vector256.Exp(Quantiles * spread);
}
