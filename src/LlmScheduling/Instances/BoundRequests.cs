namespace LlmScheduling;

/// <summary>The requests that are bound to one instance, laid aside while another has its turn. Not thread-safe.</summary>
internal sealed class BoundRequests
{
    private RequestView[] _views = new RequestView[64];
    private LiveRequest[] _live = new LiveRequest[64];
    private int _aside;

    /// <summary>How many are bound to it, in sight or laid aside.</summary>
    public int Count { get; set; }

    public void Lay(LiveRequest request, in RequestView view)
    {
        if (_aside == _live.Length)
        {
            Array.Resize(ref _views, _aside * 2);
            Array.Resize(ref _live, _aside * 2);
        }

        _views[_aside] = view;
        _live[_aside++] = request;
    }

    /// <summary>Takes one back, the last laid first; false when none is left.</summary>
    public bool TryTake(out LiveRequest request, out RequestView view)
    {
        if (_aside == 0)
        {
            (request, view) = (null!, default);
            return false;
        }

        (request, view) = (_live[--_aside], _views[_aside]);
        _live[_aside] = null!;
        return true;
    }
}
