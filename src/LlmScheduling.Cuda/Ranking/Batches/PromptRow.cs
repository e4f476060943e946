namespace LlmScheduling;

/// <summary>One prompt as the model reads it. Rows are used again and again.</summary>
internal sealed class PromptRow(int longest, bool hasFeatures)
{
    /// <summary>The <see cref="Length"/> of a row that no model runs.</summary>
    public const int Unreadable = -1;

    /// <summary>Word pieces, or buckets of features.</summary>
    public int[] Ids { get; } = new int[longest];

    /// <summary>What each feature counts; empty for word pieces.</summary>
    public float[] Values { get; } = hasFeatures ? new float[longest] : [];

    public float[] Dense { get; } = hasFeatures ? new float[DenseFeatures.Count] : [];

    /// <summary>How many of <see cref="Ids"/> there are; <see cref="Unreadable"/> for a prompt that could not be read.</summary>
    public int Length { get; set; }
}
