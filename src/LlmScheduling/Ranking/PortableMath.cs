using System.Diagnostics;

namespace LlmScheduling;

/// <summary>Logarithm and exponential from additions, multiplications and divisions alone, so that every platform computes the same bits.</summary>
/// <remarks><see cref="Math.Log(double)"/> and <see cref="Math.Exp"/> call the platform's C library, whose last bit differs from one to the next.</remarks>
internal static class PortableMath
{
    private const double Ln2High = 0.693147180369123816490, Ln2Low = 1.90821492927058770002e-10;

    /// <summary>The natural logarithm of a finite number above 0, within 2 units in the last place.</summary>
    public static double Log(double value)
    {
        Debug.Assert(value > 0 && double.IsFinite(value));
        int exponent = Math.ILogB(value);
        double fraction = Math.ScaleB(value, -exponent);
        if (fraction > 1.4142135623730951)
        {
            fraction /= 2;
            exponent++;
        }

        // ln f = 2 artanh s, a series in s * s, where |s| is at most 0.1716.
        double s = (fraction - 1) / (fraction + 1), square = s * s, sum = 0;
        for (int power = 23; power >= 3; power -= 2)
            sum = square * (sum + 1.0 / power);
        return exponent * Ln2High + (2 * s + (2 * s * sum + exponent * Ln2Low));
    }

    /// <summary>e to the power of <paramref name="value"/>, within 2 units in the last place; 0 and infinity beyond the range of a double.</summary>
    public static double Exp(double value)
    {
        if (value > 709.7)
            return double.PositiveInfinity;
        if (value < -745)
            return 0;
        double count = Math.Round(value / 0.6931471805599453);
        double rest = value - count * Ln2High - count * Ln2Low, sum = 1;
        for (int term = 14; term >= 1; term--)
            sum = 1 + rest * sum / term;
        return Math.ScaleB(sum, (int)count);
    }
}
