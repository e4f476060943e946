namespace LlmScheduling;

/// <summary>Mixes a seed and a number into well-spread bits (SplitMix64).</summary>
internal static class StepSeed
{
    public static ulong Of(ulong seed, long number)
    {
        ulong z = seed + 0x9E3779B97F4A7C15UL * (ulong)(number + 1);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
