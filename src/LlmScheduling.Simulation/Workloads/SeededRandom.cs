using System.Numerics;

namespace LlmScheduling.Simulation;

/// <summary>Random numbers that are a pure function of the seed, bit for bit, on every platform. Not thread-safe.</summary>
/// <remarks>
/// xoshiro256** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators") whose state SplitMix64 fills; normals by
/// Marsaglia's polar method, Gamma by Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables".
/// </remarks>
internal sealed class SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;
    private double _spareNormal = double.NaN;

    public SeededRandom(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9, shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform above 0 and below 1, so that its logarithm exists.</summary>
    public double NextUnit() => ((NextBits() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>Uniform from 0 to <paramref name="bound"/> - 1, without bias (Lemire, "Fast Random Integer Generation in an Interval").</summary>
    public int NextBelow(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        ulong range = (ulong)bound, unfair = (0 - range) % range;
        while (true)
        {
            ulong high = Math.BigMul(NextBits(), range, out ulong low);
            if (low >= unfair)
                return (int)high;
        }
    }

    /// <summary>Normal with mean 0 and standard deviation 1.</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            double spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        while (true)
        {
            double x = 2 * NextUnit() - 1, y = 2 * NextUnit() - 1, square = x * x + y * y;
            if (square is >= 1 or 0)
                continue;
            double scale = Math.Sqrt(-2 * PortableMath.Log(square) / square);
            _spareNormal = y * scale;
            return x * scale;
        }
    }

    /// <summary>Gamma with this shape (above 0) and scale 1: its mean is the shape.</summary>
    public double NextGamma(double shape)
    {
        if (shape < 1)
            return NextGamma(shape + 1) * PortableMath.Exp(PortableMath.Log(NextUnit()) / shape);
        double d = shape - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double normal = NextNormal(), cubeRoot = 1 + c * normal;
            if (cubeRoot <= 0)
                continue;
            double v = cubeRoot * cubeRoot * cubeRoot;
            if (PortableMath.Log(NextUnit()) < normal * normal / 2 + d - d * v + d * PortableMath.Log(v))
                return d * v;
        }
    }

    /// <summary>Puts <paramref name="items"/> in an order in which every permutation is equally likely.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = NextBelow(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
