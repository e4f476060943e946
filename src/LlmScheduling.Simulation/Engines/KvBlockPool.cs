namespace LlmScheduling.Simulation;

/// <summary>
/// KV blocks of an engine that finds a victim's blocks again: freed blocks queue up, the oldest is overwritten first, and a
/// preempted request takes back what is left of its own, as vLLM's prefix cache does.
/// </summary>
internal sealed class KvBlockPool
{
    private const int None = -1;

    private readonly int _blockTokens;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly SimulatedRequest?[] _victim;
    private readonly int[] _ordinal;
    private int _first = None;
    private int _last = None;

    public KvBlockPool(int blocks, int blockTokens)
    {
        _blockTokens = blockTokens;
        (_next, _previous, _ordinal, _victim) = (new int[blocks], new int[blocks], new int[blocks], new SimulatedRequest?[blocks]);
        for (int block = 0; block < blocks; block++)
            Append(block);
    }

    /// <summary>Takes back the cached blocks of a victim that runs again, but no more than <paramref name="most"/>; returns the tokens they hold.</summary>
    public int TakeBack(SimulatedRequest request, int most)
    {
        int cached = Math.Min(request.CachedBlocks, most);
        for (int ordinal = 0; ordinal < request.CachedBlocks; ordinal++)
        {
            if (ordinal < cached)
                Unlink(request.Blocks[ordinal]);
            _victim[request.Blocks[ordinal]] = null;
        }

        request.Blocks.RemoveRange(cached, request.Blocks.Count - cached);
        request.CachedBlocks = 0;
        return cached * _blockTokens;
    }

    /// <summary>Gives <paramref name="request"/> blocks for <paramref name="tokens"/> tokens in all.</summary>
    public void Grow(SimulatedRequest request, int tokens)
    {
        int wanted = (tokens + _blockTokens - 1) / _blockTokens;
        while (request.Blocks.Count < wanted)
        {
            int block = _first;
            if (block == None)
                throw new InvalidOperationException("The plan takes more KV blocks than the engine has.");
            Unlink(block);
            if (_victim[block] is { } victim)
            {
                victim.CachedBlocks = Math.Min(victim.CachedBlocks, _ordinal[block]);
                _victim[block] = null;
            }

            request.Blocks.Add(block);
        }
    }

    /// <summary>Frees the blocks of a request that ended.</summary>
    public void Free(SimulatedRequest request)
    {
        for (int i = request.Blocks.Count - 1; i >= 0; i--)
            Append(request.Blocks[i]);
        request.Blocks.Clear();
    }

    /// <summary>Frees the blocks of a victim; the full ones among them stay cached, its last ones being overwritten first.</summary>
    public void FreeAsCache(SimulatedRequest request, int computed)
    {
        int full = computed / _blockTokens;
        for (int i = request.Blocks.Count - 1; i >= 0; i--)
        {
            int block = request.Blocks[i];
            (_victim[block], _ordinal[block]) = i < full ? (request, i) : (null, 0);
            Append(block);
        }

        request.CachedBlocks = Math.Min(full, request.Blocks.Count);
    }

    private void Append(int block)
    {
        (_previous[block], _next[block]) = (_last, None);
        if (_last == None)
            _first = block;
        else
            _next[_last] = block;
        _last = block;
    }

    private void Unlink(int block)
    {
        int previous = _previous[block], next = _next[block];
        if (previous == None)
            _first = next;
        else
            _next[previous] = next;
        if (next == None)
            _last = previous;
        else
            _previous[next] = previous;
    }
}
