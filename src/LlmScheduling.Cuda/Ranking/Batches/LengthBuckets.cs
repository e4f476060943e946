namespace LlmScheduling;

/// <summary>
/// The lengths to which prompts are padded: 16, 32, 48, 64, 96, 128 and so on, powers of two and one and a half of them, and the
/// longest allowed. A prompt's bucket depends on its own length only, so its neighbours do not change what the model computes for it.
/// </summary>
internal sealed class LengthBuckets
{
    private readonly int[] _lengths;

    private LengthBuckets(int[] lengths) => _lengths = lengths;

    public IReadOnlyList<int> Lengths => _lengths;

    public int Longest => _lengths[^1];

    public static LengthBuckets UpTo(int longest)
    {
        var lengths = new List<int>();
        for (int power = 16; power < longest; power *= 2)
        {
            lengths.Add(power);
            if (power > 16 && power * 3 / 2 < longest)
                lengths.Add(power * 3 / 2);
        }

        return new LengthBuckets([.. lengths, longest]);
    }

    /// <summary>One length for all, as a model with a fixed shape wants.</summary>
    public static LengthBuckets Only(int length) => new([length]);

    /// <summary>The number of the smallest bucket that holds <paramref name="length"/>.</summary>
    public int Of(int length)
    {
        int bucket = 0;
        while (_lengths[bucket] < length)
            bucket++;
        return bucket;
    }
}
