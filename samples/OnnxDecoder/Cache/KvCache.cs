namespace OnnxDecoder;

/// <summary>
/// The KV cache, in blocks of so many tokens, as the scheduler counts them: a sequence takes a block when it has filled the one
/// before, and gives all of them back when it ends or is preempted. A block lies in memory as [part][head][token][number].
/// Memory is taken when a block is first needed, kept for the next, and never more than all blocks. Engine's thread.
/// </summary>
internal sealed class KvCache(KvShape shape, int blockTokens, int totalBlocks)
{
    private readonly Stack<byte[]> _unused = new();
    private readonly int _headBytes = blockTokens * shape.RowBytes;
    private int _used;

    /// <summary>Blocks that no sequence has.</summary>
    public int Free => totalBlocks - Volatile.Read(ref _used);

    /// <summary>Tokens that all blocks hold.</summary>
    public long Tokens => (long)totalBlocks * blockTokens;

    /// <summary>Makes room for so many tokens in all.</summary>
    /// <exception cref="InvalidOperationException">There are no more blocks; the scheduler plans what fits, so it was not followed.</exception>
    public void Grow(Sequence sequence, int tokens)
    {
        while (sequence.Blocks.Count * blockTokens < tokens)
        {
            if (Free == 0)
                throw new InvalidOperationException($"All {totalBlocks} KV blocks are taken.");
            sequence.Blocks.Add(_unused.TryPop(out byte[]? block) ? block : new byte[blockTokens * shape.TokenBytes]);
            Volatile.Write(ref _used, _used + 1);
        }
    }

    /// <summary>Takes all of a sequence's blocks back; it is computed from its first token on when it comes again.</summary>
    public void Release(Sequence sequence)
    {
        Volatile.Write(ref _used, _used - sequence.Blocks.Count);
        foreach (byte[] block in sequence.Blocks)
            _unused.Push(block);
        sequence.Blocks.Clear();
        sequence.Computed = 0;
    }

    /// <summary>Copies what is computed of one head into <paramref name="row"/>; the padding becomes zero, since attention gives it no weight but multiplies it.</summary>
    public void Read(Sequence sequence, int part, int head, PaddingSide padding, Span<byte> row)
    {
        row.Clear();
        int bytesInAll = sequence.Computed * shape.RowBytes;
        row = padding == PaddingSide.Left ? row[^bytesInAll..] : row[..bytesInAll];
        foreach (byte[] block in sequence.Blocks)
        {
            int bytes = Math.Min(row.Length, _headBytes);
            block.AsSpan(Offset(part, head), bytes).CopyTo(row);
            row = row[bytes..];
        }
    }

    /// <summary>Adds tokens behind those that are computed, in blocks that are there.</summary>
    public void Write(Sequence sequence, int part, int head, ReadOnlySpan<byte> added)
    {
        for (int at = sequence.Computed; added.Length > 0; at++)
        {
            int offset = Offset(part, head) + at % blockTokens * shape.RowBytes;
            added[..shape.RowBytes].CopyTo(sequence.Blocks[at / blockTokens].AsSpan(offset));
            added = added[shape.RowBytes..];
        }
    }

    private int Offset(int part, int head) => (part * shape.Heads + head) * _headBytes;
}
