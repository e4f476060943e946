namespace LlmScheduling;

/// <summary>The hashed and the dense features of a prompt, as <see cref="PromptFeatureRanker"/> sees them.</summary>
internal sealed class FeatureReader(int bits) : IPromptReader
{
    private PromptFeatures? _spare;

    public void Read(ReadOnlySpan<char> prompt, PromptRow row)
    {
        PromptFeatures features = Interlocked.Exchange(ref _spare, null) ?? new PromptFeatures(bits);
        features.Read(prompt);
        int grams = features.Grams.Length;
        features.Grams.CopyTo(row.Ids);
        features.Marks.CopyTo(row.Ids.AsSpan(grams));
        row.Length = grams + features.Marks.Length;
        row.Values.AsSpan(0, grams).Fill(features.GramScale);
        row.Values.AsSpan(grams, features.Marks.Length).Fill(PromptFeatures.MarkScale);
        features.Dense.CopyTo(row.Dense);
        Volatile.Write(ref _spare, features);
    }
}
