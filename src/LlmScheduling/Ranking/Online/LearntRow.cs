namespace LlmScheduling;

/// <summary>One answered prompt as a learner keeps it: hashed features and a length, no text.</summary>
/// <param name="Buckets">Words and pairs, then places and length steps.</param>
/// <param name="GramCount">How many of them are words and pairs.</param>
/// <param name="GramScale">What each of those counts.</param>
/// <param name="Dense">Shape.</param>
/// <param name="Target">The length.</param>
internal sealed record LearntRow(int[] Buckets, int GramCount, float GramScale, float[] Dense, LengthTarget Target)
{
    public ReadOnlySpan<int> Grams => Buckets.AsSpan(0, GramCount);

    public ReadOnlySpan<int> Marks => Buckets.AsSpan(GramCount);

    public static LearntRow Of(in LoggedResponse response, PromptFeatures features)
    {
        features.Read(response.Prompt.Span);
        return new LearntRow(
            [.. features.Grams, .. features.Marks],
            features.Grams.Length,
            features.GramScale,
            features.Dense.ToArray(),
            // The logarithm is for the pointwise loss, which cannot learn on line: nobody knows mean and spread beforehand.
            new LengthTarget(response.ResponseTokens, response.IsTruncated, 0));
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Buckets.Length);
        foreach (int bucket in Buckets)
            writer.Write(bucket);
        writer.Write(GramCount);
        writer.Write(GramScale);
        foreach (float value in Dense)
            writer.Write(value);
        writer.Write(Target.Tokens);
        writer.Write(Target.IsTruncated);
    }

    /// <summary>Reads what <see cref="Write"/> wrote for weights of <paramref name="bucketCount"/> buckets.</summary>
    /// <exception cref="IOException">It ends too early.</exception>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    public static LearntRow Read(BinaryReader reader, int bucketCount)
    {
        int length = reader.ReadInt32();
        if (length < 0 || length > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(int))
            throw new InvalidDataException($"{length} buckets of a row");
        int[] buckets = new int[length];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = reader.ReadInt32();
            if ((uint)buckets[i] >= (uint)bucketCount)
                throw new InvalidDataException($"bucket {buckets[i]} of {bucketCount}");
        }

        int gramCount = reader.ReadInt32();
        if (gramCount < 0 || gramCount > length)
            throw new InvalidDataException($"{gramCount} words of {length}");
        float gramScale = reader.ReadSingle();
        float[] dense = new float[DenseFeatures.Count];
        for (int i = 0; i < dense.Length; i++)
            dense[i] = reader.ReadSingle();
        double tokens = reader.ReadDouble();
        if (!(tokens is >= 0 and <= int.MaxValue))
            throw new InvalidDataException($"{tokens} tokens");
        return new LearntRow(buckets, gramCount, gramScale, dense, new LengthTarget(tokens, reader.ReadBoolean(), 0));
    }

    public float Score(RankerWeights weights) => weights.Score(Grams, Marks, GramScale, Dense);
}
