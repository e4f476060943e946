namespace OnnxDecoder;

/// <summary>Where sequences that have less in the cache than the longest of a run are padded.</summary>
internal enum PaddingSide
{
    /// <summary>Before what they have; the attention mask hides it. Most exports take this.</summary>
    Left,

    /// <summary>Behind what they have, and new tokens follow at once. The operator GroupQueryAttention takes this: it reads lengths off the attention mask.</summary>
    Right,

    /// <summary>Nowhere: only sequences of the same length run together.</summary>
    None,

    /// <summary>Nowhere, and no two sequences run together: an export may be so, whatever its inputs' sizes say.</summary>
    Alone,
}
