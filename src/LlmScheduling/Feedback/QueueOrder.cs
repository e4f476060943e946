namespace LlmScheduling;

/// <summary>The waiting requests in the order of a recent step, written down only while somebody asks, at most ten times a second.</summary>
internal sealed class QueueOrder
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100), Interest = TimeSpan.FromSeconds(10);

    private readonly List<Candidate> _waiting = [];
    private volatile Dictionary<RequestId, int>? _places;
    private volatile bool _isAsked;
    private TimeSpan _askedAt = TimeSpan.MinValue;
    private TimeSpan _publishedAt = TimeSpan.MinValue;

    /// <summary>How many go before a waiting request. Any thread.</summary>
    public bool TryFind(RequestId id, out int ahead)
    {
        _isAsked = true;
        ahead = 0;
        return _places is { } places && places.TryGetValue(id, out ahead);
    }

    /// <summary>Writes the order down when it is wanted and out of date. Engine's thread.</summary>
    public void Publish(RequestTable table, ReadOnlySpan<PriorityKey> keys, TimeSpan now)
    {
        if (_isAsked)
            (_isAsked, _askedAt) = (false, now);
        else if (_places is null)
            return;
        if (now - _askedAt > Interest && _askedAt != TimeSpan.MinValue)
        {
            _places = null;
            return;
        }

        if (_publishedAt != TimeSpan.MinValue && now - _publishedAt < Interval && _places is not null)
            return;
        _publishedAt = now;
        _waiting.Clear();
        for (int i = 0; i < keys.Length; i++)
        {
            if (table.Views[i].Stage != RequestPhase.Running)
                _waiting.Add(new Candidate(keys[i], table.Views[i].Id.Sequence, i));
        }

        _waiting.Sort();
        var places = new Dictionary<RequestId, int>(_waiting.Count);
        for (int place = 0; place < _waiting.Count; place++)
            places.Add(new RequestId(_waiting[place].Id), place);
        _places = places;
    }
}
