namespace LlmScheduling;

/// <summary>The output lengths that a server has seen, as equally likely quantiles. Immutable: whoever learns makes a new one and swaps the policy that holds it.</summary>
public sealed class LengthDistribution
{
    private const int MostQuantiles = 32;

    private readonly double[] _quantiles;

    private LengthDistribution(double[] quantiles) => _quantiles = quantiles;

    /// <summary>Equally likely lengths in tokens, ascending.</summary>
    internal ReadOnlySpan<double> Quantiles => _quantiles;

    /// <summary>The distribution of <paramref name="outputTokens"/>, in any order; 32 quantiles of it are kept.</summary>
    /// <exception cref="ArgumentException">There is none, or one is below 1.</exception>
    public static LengthDistribution Of(ReadOnlySpan<int> outputTokens)
    {
        if (outputTokens.IsEmpty)
            throw new ArgumentException("A distribution needs at least one length.", nameof(outputTokens));
        int[] sorted = outputTokens.ToArray();
        Array.Sort(sorted);
        if (sorted[0] < 1)
            throw new ArgumentException($"A length must be 1 or more, not {sorted[0]}.", nameof(outputTokens));
        var quantiles = new double[Math.Min(sorted.Length, MostQuantiles)];
        for (int i = 0; i < quantiles.Length; i++)
            quantiles[i] = sorted[(int)((2L * i + 1) * sorted.Length / (2 * quantiles.Length))];
        return new(quantiles);
    }
}
