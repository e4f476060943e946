namespace LlmScheduling;

/// <summary>The engine's KV cache, in blocks.</summary>
/// <param name="BlockTokens">Tokens per block; 0 when KV is never the limit.</param>
/// <param name="TotalBlocks">Blocks in all.</param>
/// <param name="FreeBlocks">Blocks free at the start of this step.</param>
public readonly record struct KvBudget(int BlockTokens, int TotalBlocks, int FreeBlocks)
{
    /// <summary>KV is never the limit.</summary>
    public static KvBudget Unlimited => default;

    /// <summary>Whether KV is never the limit.</summary>
    public bool IsUnlimited => BlockTokens == 0;

    /// <summary>Blocks that hold <paramref name="tokens"/> tokens.</summary>
    public int BlocksFor(long tokens) => IsUnlimited ? 0 : (int)Math.Min(int.MaxValue, (tokens + BlockTokens - 1) / BlockTokens);
}
