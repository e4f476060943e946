namespace LlmScheduling;

/// <summary>The running requests in admission order. Not thread-safe.</summary>
internal sealed class RunningList(RequestTable table)
{
    private LiveRequest[] _items = new LiveRequest[64];

    public int Count { get; private set; }

    public ReadOnlySpan<LiveRequest> Items => _items.AsSpan(0, Count);

    public LiveRequest this[int place] => _items[place];

    /// <summary>The last <paramref name="count"/> admitted, in order.</summary>
    public ReadOnlySpan<LiveRequest> Newest(long count) => Items[(int)Math.Max(0, Count - count)..];

    public void Add(LiveRequest request)
    {
        if (Count == _items.Length)
            Array.Resize(ref _items, Count * 2);
        table.ViewOf(request).Place = Count;
        _items[Count++] = request;
    }

    /// <summary>Takes a request out; those admitted after it move up.</summary>
    public void Remove(LiveRequest request)
    {
        ref int place = ref table.ViewOf(request).Place;
        for (int i = place; i < Count - 1; i++)
        {
            _items[i] = _items[i + 1];
            table.ViewOf(_items[i]).Place = i;
        }

        _items[--Count] = null!;
        place = -1;
    }
}
