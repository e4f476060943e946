namespace LlmScheduling;

/// <summary>
/// What a linear ranker sees of a prompt: which words and pairs of neighbouring words stand in it, hashed to buckets and
/// counted once each; which stand at its beginning and at its end; how long it and its last line are, in steps, alone and
/// together with how it begins; and <see cref="DenseFeatures"/>.
/// </summary>
/// <remarks>Not thread-safe: it holds the features of the prompt that was read last. Allocates nothing after construction.</remarks>
internal sealed class PromptFeatures
{
    /// <summary>Changes with everything that changes a feature: weights fit one version only.</summary>
    public const int Version = 1;

    /// <summary>How much a place or a length step counts, beside <see cref="GramScale"/>.</summary>
    public const float MarkScale = 0.4f;

    /// <summary>No prompt has more.</summary>
    public const int Most = 2 * PromptText.MostTokens + MostMarks;

    private const int FirstPlaces = 6, LastPlaces = 3, MostMarks = FirstPlaces + LastPlaces + 4 + 3 * Beginnings;
    private const int Beginnings = 2, ShortBeginning = 5, LongBeginning = 12, LengthStep = 16, LastLineStep = 8, MostSteps = 64;
    private const uint PlaceSeed = 0x51ED_270B, LengthSeed = 0x2545_F491, WordsSeed = 0x9E6C_63D0, BeginningSeed = 0x7F4A_7C15;

    private readonly PromptText _text = new();
    private readonly float[] _dense = new float[DenseFeatures.Count];
    private readonly int[] _buckets = new int[Most];
    private readonly ulong[] _seen;
    private readonly int _shift;
    private int _gramCount, _count;

    /// <param name="bits">Buckets, as a power of two.</param>
    public PromptFeatures(int bits)
    {
        _shift = 32 - bits;
        _seen = new ulong[Math.Max(1, 1 << (bits - 6))];
    }

    /// <summary>Buckets of words and pairs, each once.</summary>
    public ReadOnlySpan<int> Grams => _buckets.AsSpan(0, _gramCount);

    /// <summary>Buckets of places and length steps.</summary>
    public ReadOnlySpan<int> Marks => _buckets.AsSpan(_gramCount, _count - _gramCount);

    /// <summary>The value of every feature of <see cref="Grams"/>: 2 / sqrt(their number), so that long prompts count no more than short ones.</summary>
    public float GramScale { get; private set; }

    public ReadOnlySpan<float> Dense => _dense;

    public void Read(ReadOnlySpan<char> prompt)
    {
        _text.Read(prompt);
        DenseFeatures.Write(_text, _dense);
        _count = 0;
        ReadOnlySpan<uint> tokens = _text.Tokens;
        uint previous = 0;
        for (int place = 0; place < tokens.Length; place++)
        {
            uint mixed = Mix(tokens[place]);
            AddOnce(mixed);
            if (place > 0)
                AddOnce(Mix(previous * 0x9E37_79B1 + mixed));
            previous = mixed;
        }

        _gramCount = _count;
        GramScale = 2 / MathF.Sqrt(Math.Max(1, _gramCount));
        foreach (int bucket in Grams)
            _seen[bucket >> 6] = 0;
        for (int place = 0; place < Math.Min(FirstPlaces, tokens.Length); place++)
            Add(Mix(Mix(tokens[place]) ^ (PlaceSeed + (uint)place)));
        for (int place = 0; place < Math.Min(LastPlaces, tokens.Length); place++)
            Add(Mix(Mix(tokens[^(place + 1)]) ^ (PlaceSeed + 64 + (uint)place)));
        Add(Mix(LengthSeed + (uint)(8 * _dense[DenseFeatures.LogLength])));
        Add(Mix(WordsSeed + (uint)(8 * _dense[2])));
        uint length = LengthSeed + 256 + (uint)Math.Min(_text.Length / LengthStep, MostSteps), lastLine = LengthSeed + 512 + (uint)Math.Min(_text.LastLine / LastLineStep, MostSteps);
        Add(Mix(length));
        Add(Mix(lastLine));
        AddBeginning(tokens[..Math.Min(ShortBeginning, tokens.Length)], length, lastLine);
        AddBeginning(tokens[..Math.Min(LongBeginning, tokens.Length)], length, lastLine);
    }

    // Prompts that begin alike often come from one template, in which the length of what was filled in says much.
    private void AddBeginning(ReadOnlySpan<uint> beginning, uint length, uint lastLine)
    {
        uint hash = BeginningSeed + (uint)beginning.Length;
        foreach (uint token in beginning)
            hash = Mix(hash * 0x9E37_79B1 + token);
        Add(hash);
        Add(Mix(hash ^ length));
        Add(Mix(hash ^ lastLine));
    }

    private void AddOnce(uint hash)
    {
        int bucket = (int)(hash >> _shift);
        ref ulong word = ref _seen[bucket >> 6];
        ulong bit = 1UL << bucket;
        if ((word & bit) != 0)
            return;
        word |= bit;
        _buckets[_count++] = bucket;
    }

    private void Add(uint hash) => _buckets[_count++] = (int)(hash >> _shift);

    // The finalizer of MurmurHash3: every bit of the input changes every bit of the output with probability one half.
    private static uint Mix(uint hash)
    {
        hash ^= hash >> 16;
        hash *= 0x85EB_CA6B;
        hash ^= hash >> 13;
        hash *= 0xC2B2_AE35;
        return hash ^ (hash >> 16);
    }
}
