namespace LlmScheduling;

/// <summary>Changes weights against a gradient, each by the learning rate over the root of its own squared gradients so far: what is seen often moves less.</summary>
/// <remarks>
/// Duchi, Hazan, Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", Journal of Machine
/// Learning Research 12 (2011), diagonal form. Not thread-safe.
/// </remarks>
internal sealed class AdaGrad(RankerWeights weights, float learningRate, float firstSquares)
{
    private readonly float[] _bucketSquares = new float[weights.Buckets.Length];
    private readonly float[] _denseSquares = new float[weights.Dense.Length];

    /// <summary>The weights as they are now.</summary>
    public RankerWeights Weights { get; } = weights;

    /// <summary>One step for one prompt; <paramref name="slope"/> is the loss's derivative by its score.</summary>
    public void Step(ReadOnlySpan<int> grams, ReadOnlySpan<int> marks, float gramScale, ReadOnlySpan<float> dense, float slope)
    {
        if (slope == 0)
            return;
        Step(grams, slope * gramScale);
        Step(marks, slope * PromptFeatures.MarkScale);
        for (int i = 0; i < dense.Length; i++)
        {
            float gradient = slope * dense[i];
            _denseSquares[i] += gradient * gradient;
            Weights.Dense[i] -= learningRate * gradient / MathF.Sqrt(firstSquares + _denseSquares[i]);
        }
    }

    /// <summary>Treats every weight as if its squared gradients so far were <paramref name="squares"/>.</summary>
    public void Settle(float squares)
    {
        Array.Fill(_bucketSquares, squares);
        Array.Fill(_denseSquares, squares);
    }

    /// <summary>Writes weights and squares.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Weights.Bits);
        foreach (float[] values in (float[][])[Weights.Buckets, _bucketSquares, Weights.Dense, _denseSquares])
        {
            foreach (float value in values)
                writer.Write(value);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="IOException">It ends too early, or makes no sense.</exception>
    public static AdaGrad Read(BinaryReader reader, float learningRate, float firstSquares)
    {
        int bits = reader.ReadInt32();
        if (bits is < RankerWeights.LeastBits or > RankerWeights.MostBits)
            throw new InvalidDataException($"{bits} bits");
        var optimizer = new AdaGrad(new RankerWeights(bits), learningRate, firstSquares);
        foreach (float[] values in (float[][])[optimizer.Weights.Buckets, optimizer._bucketSquares, optimizer.Weights.Dense, optimizer._denseSquares])
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = reader.ReadSingle();
        }

        return optimizer;
    }

    private void Step(ReadOnlySpan<int> buckets, float gradient)
    {
        float[] values = Weights.Buckets;
        float square = gradient * gradient, change = learningRate * gradient;
        foreach (int bucket in buckets)
            values[bucket] -= change / MathF.Sqrt(firstSquares + (_bucketSquares[bucket] += square));
    }
}
