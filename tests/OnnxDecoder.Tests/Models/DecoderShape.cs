namespace OnnxDecoder.Tests;

/// <summary>What a test's decoder looks like from outside and inside.</summary>
internal sealed record DecoderShape
{
    public int Layers { get; init; } = 2;

    public int Width { get; init; } = 32;

    public int Heads { get; init; } = 4;

    public int KvHeads { get; init; } = 2;

    public int Words { get; init; } = TinyTokenizer.Words;

    public int Positions { get; init; } = 256;

    /// <summary>Positions that the configuration claims; null: those that it has.</summary>
    public int? ClaimedPositions { get; init; }

    public OnnxType Type { get; init; } = OnnxType.Float;

    /// <summary>Type of keys and values in the cache; null: that of the scores.</summary>
    public OnnxType? CacheType { get; init; }

    public OnnxType IdType { get; init; } = OnnxType.Int64;

    /// <summary>Whether it is told where tokens stand, or counts its mask.</summary>
    public bool HasPositions { get; init; } = true;

    public bool HasLogitsToKeep { get; init; }

    /// <summary>A model that takes what is before a sequence for a part of it.</summary>
    public bool SeesPadding { get; init; }

    /// <summary>Attention by ONNX Runtime's operator GroupQueryAttention, as newer exports have it; it takes no padding before a sequence.</summary>
    public bool IsFused { get; init; }

    /// <summary>An input that no exporter writes.</summary>
    public bool HasOtherInput { get; init; }

    /// <summary>Sequences of a run; 0: as many as are given.</summary>
    public int FixedBatch { get; init; }

    /// <summary>A token after which all is NaN.</summary>
    public int? Spoiler { get; init; }

    /// <summary>Activations rounded to bytes, in one range for all sequences of a run.</summary>
    public bool IsQuantized { get; init; }

    /// <summary>A model with one sequence written into it, though its inputs have room for more.</summary>
    public bool IsForOne { get; init; }

    public int Seed { get; init; } = 1;

    public int HeadSize => Width / Heads;
}
