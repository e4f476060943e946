using System.Text.RegularExpressions;

namespace OnnxDecoder;

/// <summary>What a tokenizer.json says.</summary>
internal sealed record BytePairVocabulary
{
    /// <summary>Tokens by how they are written, each byte as a letter.</summary>
    public required IReadOnlyDictionary<string, int> Ids { get; init; }

    /// <summary>The pairs that are merged: when, and into what.</summary>
    public required IReadOnlyDictionary<(int Left, int Right), (int Rank, int Token)> Merges { get; init; }

    /// <summary>Tokens that are cut out of a text as they stand.</summary>
    public required IReadOnlyDictionary<string, int> Specials { get; init; }

    /// <summary>Bytes of each token, by its number; none of those that an answer does not show.</summary>
    public required byte[][] Bytes { get; init; }

    /// <summary>Split a text into words, one after the other.</summary>
    public required IReadOnlyList<Regex> WordExpressions { get; init; }

    /// <summary>Tokens before every prompt.</summary>
    public required IReadOnlyList<int> Prefix { get; init; }

    /// <summary>Whether a word that is a token is not merged, as Llama 3 has it.</summary>
    public bool WholeWordsFirst { get; init; }
}
