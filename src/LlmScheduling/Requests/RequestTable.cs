using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>The live requests: one dense array of views that policies read, and what belongs to them in parallel arrays. Not thread-safe.</summary>
internal sealed class RequestTable
{
    private readonly Dictionary<RequestId, LiveRequest> _byId = [];
    private RequestView[] _views = new RequestView[64];
    private LiveRequest[] _live = new LiveRequest[64];
    private TimeSpan[] _queueDeadlines = new TimeSpan[64];
    private bool[] _isRunning = new bool[64];

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
        if (Count == _views.Length)
        {
            Array.Resize(ref _views, Count * 2);
            Array.Resize(ref _live, Count * 2);
            Array.Resize(ref _queueDeadlines, Count * 2);
            Array.Resize(ref _isRunning, Count * 2);
        }

        TimeSpan deadline = request.Request.QueueTimeout is { } timeout ? Saturating.Add(request.ArrivedAt, timeout) : TimeSpan.MaxValue;
        if (deadline < EarliestQueueDeadline)
            EarliestQueueDeadline = deadline;
        request.Index = Count;
        _views[Count] = view;
        _live[Count] = request;
        _queueDeadlines[Count] = deadline;
        _isRunning[Count] = false;
        Count++;
        NeverAdmitted++;
        NeverAdmittedTokens += view.PromptTokens;
        _byId.Add(request.Id, request);
    }

    /// <summary>Its first admission: from here on it has no queue deadline and does not count as queued.</summary>
    public void Admitted(LiveRequest request)
    {
        NeverAdmitted--;
        NeverAdmittedTokens -= _views[request.Index].PromptTokens;
        _queueDeadlines[request.Index] = TimeSpan.MaxValue;
    }

    public void SetPhase(LiveRequest request, RequestPhase phase)
    {
        _views[request.Index].Stage = phase;
        _isRunning[request.Index] = phase == RequestPhase.Running;
    }

    /// <summary>Takes a request out; the last one moves to its place.</summary>
    public void Remove(LiveRequest request)
    {
        int at = request.Index, last = Count - 1;
        if (!request.EverAdmitted)
        {
            NeverAdmitted--;
            NeverAdmittedTokens -= _views[at].PromptTokens;
        }

        if (at != last)
        {
            _views[at] = _views[last];
            _live[at] = _live[last];
            _queueDeadlines[at] = _queueDeadlines[last];
            _isRunning[at] = _isRunning[last];
            _live[at].Index = at;
        }

        _live[last] = null!;
        Count = last;
        request.Index = -1;
        _byId.Remove(request.Id);
    }
}
