namespace LlmScheduling;

/// <summary>What least squares needs of its samples: A'A and A'b, summed sample by sample. Not thread-safe.</summary>
internal sealed class NormalEquations(int count)
{
    private readonly double[] _gram = new double[count * count];
    private readonly double[] _moment = new double[count];

    /// <summary>Adds a sample so that its error counts relative to <paramref name="target"/>.</summary>
    public void AddRelative(ReadOnlySpan<double> terms, double target, double weight = 1)
    {
        double w = weight / (target * target);
        for (int i = 0; i < count; i++)
        {
            double wi = w * terms[i];
            _moment[i] += wi * target;
            for (int j = 0; j <= i; j++)
                _gram[i * count + j] = _gram[j * count + i] += wi * terms[j];
        }
    }

    /// <summary>Adds a pull of coefficient <paramref name="index"/> towards <paramref name="value"/>.</summary>
    public void AddPrior(int index, double value, double weight)
    {
        _gram[index * count + index] += weight;
        _moment[index] += weight * value;
    }

    /// <summary>The diagonal of A'A: how much is known of a coefficient.</summary>
    public double Information(int index) => _gram[index * count + index];

    /// <summary>Multiplies all that was added by <paramref name="factor"/>.</summary>
    public void Forget(double factor)
    {
        for (int i = 0; i < _gram.Length; i++)
            _gram[i] *= factor;
        for (int i = 0; i < _moment.Length; i++)
            _moment[i] *= factor;
    }

    public void Clear()
    {
        _gram.AsSpan().Clear();
        _moment.AsSpan().Clear();
    }

    /// <summary>The coefficients of least error, none below zero.</summary>
    public void Solve(Span<double> coefficients) => NonNegativeLeastSquares.Solve(_gram, _moment, coefficients[..count]);
}
