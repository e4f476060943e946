using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>
/// The live requests: one dense array of views that policies read, and what belongs to them in parallel arrays. Of those that
/// are bound to an instance only one instance's are in sight, whose turn it is. Not thread-safe.
/// </summary>
internal sealed class RequestTable(int instances = 1)
{
    private readonly BoundRequests[] _bound = [.. Enumerable.Range(0, instances).Select(_ => new BoundRequests())];
    private readonly Dictionary<RequestId, LiveRequest> _byId = [];
    private RequestView[] _views = new RequestView[64];
    private LiveRequest[] _live = new LiveRequest[64];
    private TimeSpan[] _queueDeadlines = new TimeSpan[64];
    private bool[] _isRunning = new bool[64];
    private bool[] _isBound = new bool[64];
    private int _turn;

    public int Count { get; private set; }

    /// <summary>Waiting requests that were never admitted, and the sum of their prompts.</summary>
    public int NeverAdmitted { get; private set; }

    public long NeverAdmittedTokens { get; private set; }

    /// <summary>No queue deadline lies before it; <see cref="TimeSpan.MaxValue"/> when there is none.</summary>
    public TimeSpan EarliestQueueDeadline { get; set; } = TimeSpan.MaxValue;

    public Span<RequestView> Views => _views.AsSpan(0, Count);

    public ReadOnlySpan<LiveRequest> Live => _live.AsSpan(0, Count);

    public ReadOnlySpan<TimeSpan> QueueDeadlines => _queueDeadlines.AsSpan(0, Count);

    /// <summary>Which requests run: what every pass over the keys asks, kept apart from the wide views.</summary>
    public ReadOnlySpan<bool> IsRunning => _isRunning.AsSpan(0, Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref RequestView ViewOf(LiveRequest request) => ref _views[request.Index];

    public LiveRequest? Find(RequestId id) => _byId.GetValueOrDefault(id);

    public void Add(LiveRequest request, in RequestView view)
    {
        TimeSpan deadline = request.Request.QueueTimeout is { } timeout ? Saturating.Add(request.ArrivedAt, timeout) : TimeSpan.MaxValue;
        if (deadline < EarliestQueueDeadline)
            EarliestQueueDeadline = deadline;
        Place(request, view, deadline, isBound: false);
        NeverAdmitted++;
        NeverAdmittedTokens += view.PromptTokens;
        _byId.Add(request.Id, request);
    }

    /// <summary>Its first admission: from here on it has no queue deadline, does not count as queued, and is bound to the instance whose turn it is.</summary>
    public void Admitted(LiveRequest request)
    {
        NeverAdmitted--;
        NeverAdmittedTokens -= _views[request.Index].PromptTokens;
        _queueDeadlines[request.Index] = TimeSpan.MaxValue;
        _isBound[request.Index] = true;
        request.Instance = _turn;
        _bound[_turn].Count++;
    }

    public void SetPhase(LiveRequest request, RequestPhase phase)
    {
        _views[request.Index].Stage = phase;
        _isRunning[request.Index] = phase == RequestPhase.Running;
        if (phase == RequestPhase.Running)
            _views[request.Index].Planned = -1;
    }

    /// <summary>Takes a request out; the last one moves to its place.</summary>
    public void Remove(LiveRequest request)
    {
        if (_isBound[request.Index])
        {
            _bound[_turn].Count--;
        }
        else
        {
            NeverAdmitted--;
            NeverAdmittedTokens -= _views[request.Index].PromptTokens;
        }

        Leave(request);
        _byId.Remove(request.Id);
    }

    /// <summary>Requests that an instance would see in its turn: those that wait for their first admission, and its own.</summary>
    public int CountAt(int instance) => NeverAdmitted + _bound[instance].Count;

    /// <summary>Gives <paramref name="instance"/> its turn: the others' requests go out of sight, its own come back. Returns whether anything changed.</summary>
    public bool TurnTo(int instance)
    {
        if (instance == _turn)
            return false;

        // From the end: what moves into a gap has been looked at.
        for (int at = _isBound.AsSpan(0, Count).LastIndexOf(true); at >= 0; at = _isBound.AsSpan(0, at).LastIndexOf(true))
        {
            LiveRequest leaving = _live[at];
            _bound[_turn].Lay(leaving, _views[at]);
            Leave(leaving);
        }

        _turn = instance;
        while (_bound[instance].TryTake(out LiveRequest coming, out RequestView view))
            Place(coming, view, TimeSpan.MaxValue, isBound: true);
        return true;
    }

    private void Place(LiveRequest request, in RequestView view, TimeSpan queueDeadline, bool isBound)
    {
        if (Count == _views.Length)
        {
            Array.Resize(ref _views, Count * 2);
            Array.Resize(ref _live, Count * 2);
            Array.Resize(ref _queueDeadlines, Count * 2);
            Array.Resize(ref _isRunning, Count * 2);
            Array.Resize(ref _isBound, Count * 2);
        }

        request.Index = Count;
        _views[Count] = view;
        _live[Count] = request;
        _queueDeadlines[Count] = queueDeadline;
        _isRunning[Count] = view.Stage == RequestPhase.Running;
        _isBound[Count] = isBound;
        Count++;
    }

    private void Leave(LiveRequest request)
    {
        int at = request.Index, last = Count - 1;
        if (at != last)
        {
            _views[at] = _views[last];
            _live[at] = _live[last];
            _queueDeadlines[at] = _queueDeadlines[last];
            _isRunning[at] = _isRunning[last];
            _isBound[at] = _isBound[last];
            _live[at].Index = at;
        }

        _live[last] = null!;
        Count = last;
        request.Index = -1;
    }
}
