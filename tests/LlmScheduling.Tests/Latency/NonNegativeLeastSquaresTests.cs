using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Tests;

public sealed class NonNegativeLeastSquaresTests
{
    [Fact]
    public void Solve_ExactPositiveSystem_FindsIt()
    {
        double[][] rows = [[1, 0, 2], [0, 3, 1], [1, 1, 1], [2, 0, 0]];
        double[] truth = [0.5, 2, 3];
        Assert.Equal(truth, Solve(rows, [.. rows.Select(row => row.Zip(truth, (a, b) => a * b).Sum())]), new Close(1e-10));
    }

    [Fact]
    public void Solve_NegativeUnconstrainedOptimum_ClampsToZero() =>
        Assert.Equal([0], Solve([[1], [2]], [-1, -2]), new Close(0));

    [Fact]
    public void Solve_EqualColumns_FitsAllTheSame()
    {
        double[] x = Solve([[1, 1], [2, 2], [3, 3]], [2, 4, 6]);
        Assert.Equal(2, x[0] + x[1], 9);
    }

    [Fact]
    public void Solve_ZeroColumn_GetsZero() => Assert.Equal([2, 0], Solve([[1, 0], [2, 0]], [2, 4]), new Close(1e-12));

    [Fact]
    public void Solve_AgainstEveryChoiceOfPositiveCoefficients_IsNeverWorse() =>
        Prop.ForAll(
            Gen.Choose(2, 5).SelectMany(n => Gen.Choose(-9, 9).Select(value => (double)value).ArrayOf(n + 1).ArrayOf(n + 3)).ToArbitrary(),
            table =>
            {
                double[][] rows = [.. table.Select(row => row[..^1])];
                double[] targets = [.. table.Select(row => row[^1])];
                double[] x = Solve(rows, targets);
                double loss = Loss(rows, targets, x), best = BestOfSubsets(rows, targets);
                return x.All(value => value >= 0) && loss <= best * (1 + 1e-7) + 1e-7;
            }).QuickCheckThrowOnFailure();

    private static double[] Solve(double[][] rows, double[] targets)
    {
        int n = rows[0].Length;
        double[] gram = new double[n * n], moment = new double[n], x = new double[n];
        for (int r = 0; r < rows.Length; r++)
        {
            for (int i = 0; i < n; i++)
            {
                moment[i] += rows[r][i] * targets[r];
                for (int j = 0; j < n; j++)
                    gram[i * n + j] += rows[r][i] * rows[r][j];
            }
        }

        NonNegativeLeastSquares.Solve(gram, moment, x);
        return x;
    }

    private static double Loss(double[][] rows, double[] targets, double[] x) =>
        rows.Select((row, r) => Math.Pow(row.Zip(x, (a, b) => a * b).Sum() - targets[r], 2)).Sum();

    /// <summary>The optimum is the unconstrained one of some subset of columns, so the best feasible of them all is the answer.</summary>
    private static double BestOfSubsets(double[][] rows, double[] targets)
    {
        int n = rows[0].Length;
        double best = targets.Sum(target => target * target);
        for (int subset = 1; subset < 1 << n; subset++)
        {
            int[] columns = [.. Enumerable.Range(0, n).Where(i => (subset >> i & 1) != 0)];
            double[]? part = Eliminate(
                [.. columns.Select(i => columns.Select(j => rows.Sum(row => row[i] * row[j])).ToArray())],
                [.. columns.Select(i => rows.Select((row, r) => row[i] * targets[r]).Sum())]);
            if (part is null || part.Any(value => value < 0))
                continue;
            var x = new double[n];
            for (int i = 0; i < columns.Length; i++)
                x[columns[i]] = part[i];
            best = Math.Min(best, Loss(rows, targets, x));
        }

        return best;
    }

    /// <summary>Gaussian elimination with pivots; null when singular.</summary>
    private static double[]? Eliminate(double[][] a, double[] b)
    {
        int n = b.Length;
        for (int column = 0; column < n; column++)
        {
            int pivot = Enumerable.Range(column, n - column).MaxBy(row => Math.Abs(a[row][column]));
            if (Math.Abs(a[pivot][column]) < 1e-9)
                return null;
            (a[column], a[pivot], b[column], b[pivot]) = (a[pivot], a[column], b[pivot], b[column]);
            for (int row = 0; row < n; row++)
            {
                if (row == column)
                    continue;
                double factor = a[row][column] / a[column][column];
                for (int k = column; k < n; k++)
                    a[row][k] -= factor * a[column][k];
                b[row] -= factor * b[column];
            }
        }

        return [.. b.Select((value, i) => value / a[i][i])];
    }

    private sealed class Close(double tolerance) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(double value) => 0;
    }
}
