namespace LlmScheduling.Cuda.Tests;

/// <summary>What a test's encoder looks like from outside and inside.</summary>
internal sealed record EncoderShape
{
    public int Layers { get; init; } = 2;

    public int Width { get; init; } = 32;

    public int Heads { get; init; } = 4;

    public int Words { get; init; } = 64;

    public int Positions { get; init; } = 128;

    public bool HasTokenTypes { get; init; } = true;

    public OnnxType IdType { get; init; } = OnnxType.Int64;

    public OnnxType OutputType { get; init; } = OnnxType.Float;

    /// <summary>Of the weights, and of all that is computed with them: single or half precision.</summary>
    public OnnxType WeightType { get; init; } = OnnxType.Float;

    public int OutputRank { get; init; } = 2;

    /// <summary>0 is dynamic.</summary>
    public int FixedBatch { get; init; }

    /// <summary>0 is dynamic.</summary>
    public int FixedLength { get; init; }

    public string? Direction { get; init; } = "longer";

    public int Seed { get; init; } = 1;
}
