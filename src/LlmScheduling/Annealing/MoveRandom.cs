using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>Draws of one search: a pure function of its seed, the same on every platform.</summary>
/// <remarks>SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", section 4.</remarks>
internal struct MoveRandom(ulong seed)
{
    private const double UnitOfBits = 1.0 / (1UL << 53);
    private const int LogarithmBits = 12;

    // A table is faster than a logarithm and the same wherever it is uploaded to.
    private static readonly double[] LogarithmTable = [.. Enumerable.Range(0, 1 << LogarithmBits).Select(i => Math.Log((i + 0.5) / (1 << LogarithmBits)))];
    private ulong _state = seed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextBits()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to <paramref name="bound"/> - 1; a bias of one in four thousand million for each value of the bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int NextBelow(int bound) => (int)(((NextBits() >> 32) * (uint)bound) >> 32);

    /// <summary>The logarithms of 4,096 numbers between 0 and 1, evenly spread.</summary>
    public static ReadOnlySpan<double> Logarithms => LogarithmTable;

    /// <summary>The logarithm of a number between 0 and 1, one of <see cref="Logarithms"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double NextLogarithm(ReadOnlySpan<double> logarithms) => logarithms[(int)(NextBits() >> (64 - LogarithmBits))];

    /// <summary>Above 0 and below 1.</summary>
    public double NextUnit() => ((NextBits() >> 11) + 0.5) * UnitOfBits;
}
