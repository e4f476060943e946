namespace OnnxDecoder;

/// <summary>One request in the engine: its tokens, and what is kept of them.</summary>
/// <param name="prompt">Tokens of the prompt.</param>
/// <param name="random">Draws its tokens.</param>
internal sealed class Sequence(IEnumerable<int> prompt, Random random)
{
    /// <summary>Prompt and answer so far; outlives the cache.</summary>
    public List<int> Tokens { get; } = [.. prompt];

    /// <summary>Leading tokens whose keys and values are in the cache.</summary>
    public int Computed { get; set; }

    /// <summary>Its blocks of the cache, in order.</summary>
    public List<byte[]> Blocks { get; } = [];

    /// <summary>The answer's text, token by token.</summary>
    public TokenText Text { get; } = new();

    public Random Random => random;
}
