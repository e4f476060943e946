namespace LlmScheduling;

/// <summary>Finds the few smallest of many candidates, in order, without sorting the rest: a bounded heap whose root is the largest kept.</summary>
internal sealed class CandidateSelection
{
    private Candidate[] _heap = new Candidate[64];
    private int _count;
    private int _limit;

    /// <summary>Forgets everything and keeps at most <paramref name="limit"/> from here on.</summary>
    public void Reset(int limit)
    {
        _count = 0;
        _limit = limit;
        if (_heap.Length < limit)
            _heap = new Candidate[Math.Max(limit, _heap.Length * 2)];
    }

    /// <summary>Whether a candidate with this key would not be kept, whatever its id.</summary>
    public bool RulesOut(in PriorityKey key) => _count == _limit && (_limit == 0 || key.CompareTo(_heap[0].Key) > 0);

    public void Offer(in PriorityKey key, long id, int index)
    {
        if (_count < _limit)
        {
            _heap[_count++] = new(key, id, index);
            if (_count == _limit)
                Heapify();
        }
        else if (_limit > 0 && IsBefore(key, id, _heap[0]))
        {
            _heap[0] = new(key, id, index);
            SiftDown(0);
        }
    }

    /// <summary>What was kept, smallest first. Valid until the next <see cref="Reset"/>.</summary>
    public ReadOnlySpan<Candidate> InOrder()
    {
        Span<Candidate> kept = _heap.AsSpan(0, _count);
        kept.Sort();
        return kept;
    }

    private static bool IsBefore(in PriorityKey key, long id, in Candidate other)
    {
        int order = key.CompareTo(other.Key);
        return order != 0 ? order < 0 : id < other.Id;
    }

    private void Heapify()
    {
        for (int i = _count / 2 - 1; i >= 0; i--)
            SiftDown(i);
    }

    private void SiftDown(int at)
    {
        Candidate moving = _heap[at];
        while (true)
        {
            int child = 2 * at + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && _heap[child].CompareTo(_heap[child + 1]) < 0)
                child++;
            if (moving.CompareTo(_heap[child]) >= 0)
                break;
            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = moving;
    }
}
