using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>
/// Nine equally likely lengths around a median, as factors of it, for a few spreads at a time: classes and predictors have
/// few, and exponentials are most of what a key costs.
/// </summary>
internal ref struct SpreadTable
{
    public const int Lengths = 9;
    public const double Longest = 1.59321882;
    private const int Kept = 4;

    // Standard normal quantiles at 1/18, 3/18, ..., 17/18: the upper four; the lower are their mirror images.
    private static readonly double[] Upper = [0.28221614, 0.58945580, 0.96742157, Longest];

    private Factors _factors;
    private Spreads _spreads;
    private int _next;

    /// <summary>The factors for a spread above 0, ascending. Valid until the next call.</summary>
    [UnscopedRef]
    public ReadOnlySpan<double> Of(float spread)
    {
        Span<float> spreads = _spreads;
        int at = spreads.IndexOf(spread);
        if (at < 0)
        {
            at = _next++ % Kept;
            spreads[at] = spread;
            Fill(((Span<double>)_factors).Slice(at * Lengths, Lengths), spread);
        }

        return ((Span<double>)_factors).Slice(at * Lengths, Lengths);
    }

    private static void Fill(Span<double> factors, float spread)
    {
        const int Middle = Lengths / 2;
        factors[Middle] = 1;
        for (int i = 0; i < Upper.Length; i++)
        {
            double factor = Math.Exp(spread * Upper[i]);
            factors[Middle + 1 + i] = factor;
            factors[Middle - 1 - i] = 1 / factor;
        }
    }

    [InlineArray(Kept * Lengths)]
    private struct Factors
    {
        private double _first;
    }

    [InlineArray(Kept)]
    private struct Spreads
    {
        private float _first;
    }
}
