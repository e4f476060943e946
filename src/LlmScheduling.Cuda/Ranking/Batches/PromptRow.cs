namespace LlmScheduling;

/// <summary>One prompt as the model reads it. Rows are used again and again.</summary>
internal sealed class PromptRow(int longest, bool hasFeatures)
{
    /// <summary>Word pieces, or buckets of features.</summary>
    public int[] Ids { get; } = new int[longest];

    /// <summary>What each feature counts; empty for word pieces.</summary>
    public float[] Values { get; } = hasFeatures ? new float[longest] : [];

    public float[] Dense { get; } = hasFeatures ? new float[DenseFeatures.Count] : [];

    /// <summary>How many of <see cref="Ids"/> there are.</summary>
    public int Length { get; set; }
}
