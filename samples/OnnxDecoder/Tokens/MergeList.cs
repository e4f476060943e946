namespace OnnxDecoder;

/// <summary>
/// Merges the bytes of one word into tokens, the pair of lowest rank first and the leftmost of equals, until no pair of
/// neighbours is in the vocabulary (Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units"). A word of
/// n bytes takes n log n steps: words come from clients. Used again for every word; not thread-safe.
/// </summary>
internal sealed class MergeList(IReadOnlyDictionary<(int Left, int Right), (int Rank, int Token)> merges)
{
    private const int None = -1;

    private readonly PriorityQueue<(int At, int Left, int Right), (int Rank, int At)> _pairs = new();
    private int[] _tokens = [], _next = [], _previous = [];

    /// <summary>Adds the tokens that the word becomes.</summary>
    public void Merge(ReadOnlySpan<int> word, List<int> tokens)
    {
        Begin(word);
        while (_pairs.TryDequeue(out (int At, int Left, int Right) pair, out _))
        {
            // One of the two may have been merged with another since.
            int right = _tokens[pair.At] == pair.Left ? _next[pair.At] : None;
            if (right == None || _tokens[right] != pair.Right)
                continue;
            _tokens[pair.At] = merges[(pair.Left, pair.Right)].Token;
            _tokens[right] = None;
            int after = _next[pair.At] = _next[right];
            if (after != None)
                _previous[after] = pair.At;
            Offer(pair.At);
            Offer(_previous[pair.At]);
        }

        for (int at = 0; at != None; at = _next[at])
            tokens.Add(_tokens[at]);
    }

    private void Begin(ReadOnlySpan<int> word)
    {
        if (_tokens.Length < word.Length)
            (_tokens, _next, _previous) = (new int[word.Length], new int[word.Length], new int[word.Length]);
        word.CopyTo(_tokens);
        for (int at = 0; at < word.Length; at++)
            (_previous[at], _next[at]) = (at - 1, at + 1 < word.Length ? at + 1 : None);
        for (int at = 0; at < word.Length; at++)
            Offer(at);
    }

    private void Offer(int at)
    {
        int right = at == None ? None : _next[at];
        if (right != None && merges.TryGetValue((_tokens[at], _tokens[right]), out (int Rank, int Token) merge))
            _pairs.Enqueue((at, _tokens[at], _tokens[right]), (merge.Rank, at));
    }
}
