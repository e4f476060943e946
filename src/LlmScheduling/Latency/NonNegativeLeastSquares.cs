namespace LlmScheduling;

/// <summary>
/// Least squares with coefficients of at least zero, from the normal equations. C. L. Lawson and R. J. Hanson, "Solving Least
/// Squares Problems", chapter 23, algorithm NNLS. Allocates nothing.
/// </summary>
internal static class NonNegativeLeastSquares
{
    /// <summary>The most coefficients.</summary>
    public const int MaxCount = 16;

    private const double Tolerance = 1e-10;

    /// <summary>
    /// Finds x >= 0 with the least |Ax - b|. A column that is zero, or a combination of others within rounding, gets 0 where
    /// that costs nothing.
    /// </summary>
    /// <param name="gram">A'A, row after row.</param>
    /// <param name="moment">A'b.</param>
    /// <param name="solution">Receives x; its length is the number of coefficients.</param>
    public static void Solve(ReadOnlySpan<double> gram, ReadOnlySpan<double> moment, Span<double> solution)
    {
        int n = solution.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, MaxCount, nameof(solution));
        Span<double> scale = stackalloc double[n], g = stackalloc double[n * n], h = stackalloc double[n];
        Span<double> x = stackalloc double[n], z = stackalloc double[n];
        for (int i = 0; i < n; i++)
            scale[i] = gram[i * n + i] > 0 ? 1 / Math.Sqrt(gram[i * n + i]) : 0;
        double largest = 0;
        for (int i = 0; i < n; i++)
        {
            h[i] = moment[i] * scale[i];
            largest = Math.Max(largest, Math.Abs(h[i]));
            for (int j = 0; j < n; j++)
                g[i * n + j] = gram[i * n + j] * scale[i] * scale[j];
        }

        uint passive = 0, refused = 0;
        for (int round = 0; round < 8 * MaxCount; round++)
        {
            int best = SteepestFree(g, h, x, passive | refused, Tolerance * largest);
            if (best < 0)
                break;
            uint bit = 1u << best;
            if (!TrySolve(g, h, passive | bit, z) || z[best] <= 0)
            {
                refused |= bit;
                continue;
            }

            passive |= bit;
            refused = 0;
            while (!IsPositive(z, passive))
            {
                passive = StepToBoundary(x, z, passive);
                TrySolve(g, h, passive, z);
            }

            z.CopyTo(x);
        }

        for (int i = 0; i < n; i++)
            solution[i] = x[i] * scale[i];
    }

    /// <summary>The coefficient at zero that the residual pulls up most, or -1.</summary>
    private static int SteepestFree(ReadOnlySpan<double> g, ReadOnlySpan<double> h, ReadOnlySpan<double> x, uint excluded, double least)
    {
        int best = -1, n = h.Length;
        for (int i = 0; i < n; i++)
        {
            if ((excluded >> i & 1) != 0)
                continue;
            double pull = h[i];
            for (int j = 0; j < n; j++)
                pull -= g[i * n + j] * x[j];
            if (pull > least)
                (best, least) = (i, pull);
        }

        return best;
    }

    /// <summary>Solves for the coefficients of <paramref name="passive"/>, the others zero, by Cholesky; false when they depend on each other.</summary>
    private static bool TrySolve(ReadOnlySpan<double> g, ReadOnlySpan<double> h, uint passive, Span<double> z)
    {
        int n = h.Length, m = 0;
        Span<int> index = stackalloc int[n];
        for (int i = 0; i < n; i++)
        {
            if ((passive >> i & 1) != 0)
                index[m++] = i;
        }

        Span<double> l = stackalloc double[n * n], y = stackalloc double[n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = g[index[i] * n + index[j]];
                for (int k = 0; k < j; k++)
                    sum -= l[i * n + k] * l[j * n + k];
                if (i != j)
                    l[i * n + j] = sum / l[j * n + j];
                else if (sum <= 1e-13)
                    return false;
                else
                    l[i * n + i] = Math.Sqrt(sum);
            }

            y[i] = h[index[i]];
            for (int k = 0; k < i; k++)
                y[i] -= l[i * n + k] * y[k];
            y[i] /= l[i * n + i];
        }

        z.Clear();
        for (int i = m - 1; i >= 0; i--)
        {
            double sum = y[i];
            for (int k = i + 1; k < m; k++)
                sum -= l[k * n + i] * z[index[k]];
            z[index[i]] = sum / l[i * n + i];
        }

        return true;
    }

    private static bool IsPositive(ReadOnlySpan<double> z, uint passive)
    {
        for (int i = 0; i < z.Length; i++)
        {
            if ((passive >> i & 1) != 0 && z[i] <= 0)
                return false;
        }

        return true;
    }

    /// <summary>Moves x towards z until the first coefficient reaches zero, and takes those at zero out of the passive set.</summary>
    private static uint StepToBoundary(Span<double> x, ReadOnlySpan<double> z, uint passive)
    {
        double step = 1;
        int first = -1;
        for (int i = 0; i < x.Length; i++)
        {
            if ((passive >> i & 1) != 0 && z[i] <= 0 && x[i] / (x[i] - z[i]) is var reach && (first < 0 || reach < step))
                (step, first) = (reach, i);
        }

        for (int i = 0; i < x.Length; i++)
            x[i] += step * (z[i] - x[i]);
        x[first] = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if ((passive >> i & 1) != 0 && x[i] <= 0)
            {
                x[i] = 0;
                passive &= ~(1u << i);
            }
        }

        return passive;
    }
}
