using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LlmScheduling;

/// <summary>
/// The bytes of a ranker, little endian: magic, format version, feature version, kind of weights, bits, dense features, length of
/// the card, points of the calibration, bucket weights that are stored; card (JSON in UTF-8), calibration, dense weights, bucket
/// weights; SHA-256 of all before.
/// </summary>
/// <remarks>
/// Bucket weights are a 32-bit float for every bucket; or one bit for every bucket, set where its weight is stored, and those
/// weights as 8-bit integers with one scale for every <see cref="SmallGroup"/> of them.
/// </remarks>
internal static class PromptRankerFile
{
    public const string Allowed = "a ranker, as train-ranker writes it";

    private const int FormatVersion = 1, HeaderLength = 28, ChecksumLength = SHA256.HashSizeInBytes, SmallGroup = 128;
    private const byte FloatWeights = 0, SmallWeights = 1;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'L', (byte)'L', (byte)'M', (byte)'R', (byte)'K', 0x0D, 0x0A];

    public static byte[] Bytes(PromptFeatureRanker ranker)
    {
        RankerWeights weights = ranker.Weights;
        byte[] card = PromptRankerCardJson.Write(ranker.Card);
        byte kind = ranker.IsSmall ? SmallWeights : FloatWeights;
        int stored = ranker.IsSmall ? weights.Buckets.Length - weights.Buckets.AsSpan().Count(0f) : weights.Buckets.Length;
        byte[] bytes = new byte[ExpectedLength(kind, weights.Bits, weights.Dense.Length, card.Length, ranker.Calibration.Count, stored)];
        Magic.CopyTo(bytes);
        var rest = new ByteWriter(bytes.AsSpan(Magic.Length));
        rest.Write((ushort)FormatVersion);
        rest.Write((ushort)PromptFeatures.Version);
        rest.Write((ushort)(kind << 8 | weights.Bits));
        rest.Write((ushort)weights.Dense.Length);
        rest.Write((uint)card.Length);
        rest.Write((uint)ranker.Calibration.Count);
        rest.Write((uint)stored);
        rest.Write(card);
        for (int point = 0; point < ranker.Calibration.Count; point++)
        {
            (float score, float logMedian, float logUpper) = ranker.Calibration[point];
            rest.Write(score);
            rest.Write(logMedian);
            rest.Write(logUpper);
        }

        foreach (float weight in weights.Dense)
            rest.Write(weight);
        if (ranker.IsSmall)
            WriteSmall(ref rest, weights.Buckets);
        for (int bucket = 0; !ranker.IsSmall && bucket < weights.Buckets.Length; bucket++)
            rest.Write(weights.Buckets[bucket]);
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - ChecksumLength), bytes.AsSpan(bytes.Length - ChecksumLength));
        return bytes;
    }

    public static PromptFeatureRanker Read(Stream stream, string name)
    {
        byte[] bytes = RankerFileContent.Read(stream, name, Allowed);
        if (!bytes.AsSpan().StartsWith(Magic))
            throw Bad(Magic.StartsWith(bytes) ? "a file that was cut off" : "another kind of file");
        if (bytes.Length < HeaderLength + ChecksumLength)
            throw Bad("a file that was cut off");
        var rest = new ByteReader(bytes.AsSpan(Magic.Length));
        int format = rest.UInt16(), features = rest.UInt16(), shape = rest.UInt16(), dense = rest.UInt16();
        if (format != FormatVersion)
            throw Bad($"a file of format version {format}, made by another version of this library", $"version {FormatVersion}; train the ranker again");
        long card = rest.UInt32(), points = rest.UInt32(), stored = rest.UInt32();
        int kind = shape >> 8, bits = shape & 0xFF;
        if (kind > SmallWeights || bits is < RankerWeights.LeastBits or > RankerWeights.MostBits || (kind == SmallWeights ? stored > 1L << bits : stored != 1L << bits))
            throw Bad("a damaged file (its header makes no sense)");
        long expected = ExpectedLength((byte)kind, bits, dense, card, points, stored);
        if (bytes.Length != expected)
            throw Bad(bytes.Length < expected ? $"a file that was cut off ({bytes.Length} of {expected} bytes)" : $"a damaged file ({bytes.Length - expected} bytes too many)");
        if (!SHA256.HashData(bytes.AsSpan(0, bytes.Length - ChecksumLength)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - ChecksumLength)))
            throw Bad("a damaged file (its checksum does not fit)");
        if (features != PromptFeatures.Version || dense != DenseFeatures.Count)
            throw Bad($"weights for prompt features of version {features}", $"version {PromptFeatures.Version}; train the ranker again");
        return Content(ref rest, name, kind, bits, (int)card, (int)points, (int)stored);

        InputException Bad(string found, string allowed = Allowed) => new(name, null, null, found, allowed);
    }

    private static PromptFeatureRanker Content(ref ByteReader rest, string name, int kind, int bits, int cardLength, int points, int stored)
    {
        PromptRankerCard card = PromptRankerCardJson.Read(rest.Bytes(cardLength), name);
        float[] scores = new float[points], medians = new float[points], uppers = new float[points];
        for (int point = 0; point < points; point++)
            (scores[point], medians[point], uppers[point]) = (rest.Single(), rest.Single(), rest.Single());
        var weights = new RankerWeights(bits);
        for (int i = 0; i < weights.Dense.Length; i++)
            weights.Dense[i] = rest.Single();
        if (kind == SmallWeights && !TryReadSmall(ref rest, weights.Buckets, stored))
            throw new InputException(name, null, null, "a damaged file (its weights are not as many as it says)", Allowed);
        for (int bucket = 0; kind == FloatWeights && bucket < weights.Buckets.Length; bucket++)
            weights.Buckets[bucket] = rest.Single();
        if (!AreFinite(weights.Buckets) || !AreFinite(weights.Dense) || !AreFinite(medians) || !AreFinite(uppers) || !Rises(scores))
            throw new InputException(name, null, null, "weights that are not finite numbers", Allowed);
        return new PromptFeatureRanker(weights, new LengthCalibration(scores, medians, uppers), card, kind == SmallWeights);
    }

    private static long ExpectedLength(byte kind, int bits, int dense, long card, long points, long stored)
    {
        long weights = kind == SmallWeights ? (1L << bits) / 8 + stored + Groups(stored) * sizeof(float) : stored * sizeof(float);
        return HeaderLength + card + points * 3 * sizeof(float) + dense * sizeof(float) + weights + ChecksumLength;
    }

    private static long Groups(long stored) => (stored + SmallGroup - 1) / SmallGroup;

    private static void WriteSmall(ref ByteWriter rest, ReadOnlySpan<float> buckets)
    {
        for (int bucket = 0; bucket < buckets.Length; bucket += 8)
        {
            int present = 0;
            for (int bit = 0; bit < 8; bit++)
                present |= buckets[bucket + bit] != 0 ? 1 << bit : 0;
            rest.Write((byte)present);
        }

        float[] stored = Stored(buckets);
        for (int start = 0; start < stored.Length; start += SmallGroup)
        {
            ReadOnlySpan<float> group = stored.AsSpan(start, Math.Min(SmallGroup, stored.Length - start));
            float scale = ScaleOf(group);
            rest.Write(scale);
            foreach (float weight in group)
                rest.Write(unchecked((byte)StepsOf(weight, scale)));
        }
    }

    private static bool TryReadSmall(ref ByteReader rest, Span<float> buckets, int stored)
    {
        ReadOnlySpan<byte> present = rest.Bytes(buckets.Length / 8);
        float scale = 0;
        int read = 0;
        for (int bucket = 0; bucket < buckets.Length; bucket++)
        {
            if ((present[bucket >> 3] >> (bucket & 7) & 1) == 0)
                continue;
            if (read == stored)
                return false;
            if (read++ % SmallGroup == 0)
                scale = rest.Single();
            buckets[bucket] = unchecked((sbyte)rest.Byte()) * scale;
        }

        return read == stored;
    }

    private static float[] Stored(ReadOnlySpan<float> buckets)
    {
        var stored = new List<float>();
        foreach (float weight in buckets)
        {
            if (weight != 0)
                stored.Add(weight);
        }

        return [.. stored];
    }

    // The scale has so few bits that 127 times it is exact: what was made coarse once stays as it is.
    private static float ScaleOf(ReadOnlySpan<float> group)
    {
        float most = 0;
        foreach (float weight in group)
            most = Math.Max(most, Math.Abs(weight));
        return BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(most / sbyte.MaxValue) + 0x7F) & ~0x7Fu);
    }

    // A weight that is stored is never 0: a bucket without a weight has no bit.
    private static sbyte StepsOf(float weight, float scale)
    {
        int steps = (int)Math.Clamp(MathF.Round(weight / scale), -sbyte.MaxValue, sbyte.MaxValue);
        return (sbyte)(steps != 0 ? steps : weight < 0 ? -1 : 1);
    }

    /// <summary>Replaces every bucket weight by what a file of 8-bit weights keeps of it.</summary>
    public static void Coarsen(Span<float> buckets)
    {
        float[] stored = Stored(buckets);
        for (int start = 0; start < stored.Length; start += SmallGroup)
        {
            Span<float> group = stored.AsSpan(start, Math.Min(SmallGroup, stored.Length - start));
            float scale = ScaleOf(group);
            foreach (ref float weight in group)
                weight = StepsOf(weight, scale) * scale;
        }

        int next = 0;
        foreach (ref float weight in buckets)
        {
            if (weight != 0)
                weight = stored[next++];
        }
    }

    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                return false;
        }

        return true;
    }

    private static bool Rises(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]) || (i > 0 && values[i] <= values[i - 1]))
                return false;
        }

        return true;
    }
}
